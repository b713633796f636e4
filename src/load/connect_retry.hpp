// How often and how long a program tries to reach a cluster before it gives up, under the numbers
// of the load bombers' specification. A refusal (client/error.hpp) is not tried again.
#pragma once

#include <algorithm>
#include <chrono>

namespace stoker::load {

struct ConnectRetry {
    int attempts_max = 5;  ///< 0: without end
    std::chrono::milliseconds attempt_timeout{10'000};
    std::chrono::milliseconds first_delay{3'000};  ///< doubles after each attempt
    std::chrono::milliseconds delay_max{60'000};

    bool is_last(int attempt) const { return attempts_max > 0 && attempt >= attempts_max; }
    /// Between attempt number `attempt`, from 1, and the next.
    std::chrono::milliseconds delay_after(int attempt) const {
        auto delay = first_delay;
        for (int i = 1; i < attempt && delay < delay_max; ++i) delay *= 2;
        return std::min(delay, delay_max);
    }
};

}  // namespace stoker::load
