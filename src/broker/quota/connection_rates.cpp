#include "broker/quota/connection_rates.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "broker/security/acl.hpp"

namespace stoker::broker {

namespace {

const std::string rate_config = "connection_creation_rate";

}  // namespace

void ConnectionRates::set(const QuotaMap& quotas) {
    auto state = state_.lock();
    state->limits.clear();
    state->limit_of_others.reset();
    for (const auto& [entity, values] : quotas) {
        auto ip = entity.find(quota_ip);
        auto value = values.find(rate_config);
        if (ip == entity.end() || value == values.end()) continue;
        if (!ip->second) state->limit_of_others = value->second;
        else if (*ip->second == "localhost") state->limits["127.0.0.1"] = value->second;
        else state->limits[canonical_host(*ip->second)] = value->second;
    }
    bool any = state->limit_of_others || !state->limits.empty();
    if (!any) state->of_address.clear();
    active_.store(any, std::memory_order_relaxed);
}

bool ConnectionRates::admits(const std::string& address) {
    if (!active_.load(std::memory_order_relaxed)) return true;
    auto state = state_.lock();
    auto found = state->limits.find(address);
    auto limit = found == state->limits.end() ? state->limit_of_others
                                              : std::optional(found->second);
    if (!limit) return true;
    int64_t now = clock_.monotonic_ms();
    auto& rates = state->of_address;
    if (rates.size() >= remembered_max && !rates.contains(address)) {
        if (now - state->swept_ms >= windows_.window_ms) {
            state->swept_ms = now;
            std::erase_if(rates, [&](const auto& one) { return one.second.idle(now, windows_); });
        }
        if (rates.size() >= remembered_max) rates.erase(rates.begin());
    }
    Rate& rate = rates[address];
    rate.record(1, now, windows_);
    if (rate.excess_ms(*limit, now, windows_) == 0) return true;
    rate.record(-1, now, windows_);
    return false;
}

int64_t ConnectionRates::pause_ms(const std::string& listener, int32_t rate) {
    if (rate == std::numeric_limits<int32_t>::max()) return 0;
    auto state = state_.lock();
    int64_t now = clock_.monotonic_ms();
    Rate& came = state->of_listener[listener];
    came.record(1, now, windows_);
    // At most a window at once, as upstream.
    return std::min(came.excess_ms(rate, now, windows_), windows_.window_ms);
}

}  // namespace stoker::broker
