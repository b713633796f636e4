// How fast connections come: of one address, by the quotas in the metadata log
// (connection_creation_rate, KIP-612), and of all, or of one listener, by
// max.connection.creation.rate. Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "broker/quota/quota_entity.hpp"
#include "broker/quota/rate.hpp"

namespace stoker::broker {

class ConnectionRates {
public:
    ConnectionRates(Clock& clock, QuotaWindows windows) : clock_(clock), windows_(windows) {}

    /// What the metadata log says; after replay and after each change.
    void set(const QuotaMap& quotas);

    /// Whether the address may have one connection more. One that may not does not count. While no
    /// address has a quota this costs one atomic load.
    bool admits(const std::string& address);
    /// Counts one connection of the listener, or of the whole broker (""); for how long none more
    /// is to be accepted there when there are to be at most `rate` a second.
    int64_t pause_ms(const std::string& listener, int32_t rate);
    size_t remembered() const { return state_.lock()->of_address.size(); }

private:
    /// Beyond it those are forgotten from whom nothing came lately.
    static constexpr size_t remembered_max = 10'000;

    struct State {
        std::map<std::string, double> limits;
        std::optional<double> limit_of_others;
        std::unordered_map<std::string, Rate> of_address;
        std::map<std::string, Rate> of_listener;  // "": of all
        int64_t swept_ms = 0;  // when the idle were forgotten last
    };

    Clock& clock_;
    QuotaWindows windows_;
    std::atomic<bool> active_ = false;
    Guarded<State> state_;
};

}  // namespace stoker::broker
