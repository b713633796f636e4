#include "bench/wire/fetch_load.hpp"

#include <stdexcept>

#include "base/clock.hpp"
#include "bench/wire/socket.hpp"

namespace stoker::bench {

FetchOutcome run(const FetchLoad& load) {
    constexpr uint64_t warm_up_requests = 8;
    const SystemClock clock;
    Socket socket(load.port);
    Bytes buffer;
    FetchOutcome outcome;
    uint64_t position = 0;
    int64_t since = 0;
    for (uint64_t i = 0; outcome.seconds < load.seconds && outcome.bytes < load.bytes_max; ++i) {
        if (i == warm_up_requests) since = clock.monotonic_ns();
        socket.send_all(load.request(position));
        const size_t progress = load.progress(socket.receive_frame(buffer));
        if (progress == 0) throw std::runtime_error("a fetch brought nothing");
        position += progress;
        if (position >= load.log_size) position = 0;
        if (i < warm_up_requests) continue;
        outcome.bytes += progress;
        ++outcome.requests;
        outcome.seconds = static_cast<double>(clock.monotonic_ns() - since) / 1e9;
    }
    return outcome;
}

}  // namespace stoker::bench
