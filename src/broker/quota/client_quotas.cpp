#include "broker/quota/client_quotas.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace stoker::broker {

namespace {

constexpr std::array<const char*, quota_kinds> config_names{
    "producer_byte_rate", "consumer_byte_rate", "request_percentage", "controller_mutation_rate"};
constexpr int16_t produce_key = 0;

int32_t clamped_ms(int64_t ms) {
    return int32_t(std::clamp<int64_t>(ms, 0, std::numeric_limits<int32_t>::max()));
}

}  // namespace

void ClientQuotas::set(const QuotaMap& quotas) {
    auto state = state_.lock();
    bool any = false;
    for (size_t kind = 0; kind < quota_kinds; ++kind) {
        state->limits[kind].clear();
        for (const auto& [entity, values] : quotas)
            if (auto value = values.find(config_names[kind]); value != values.end())
                state->limits[kind][entity] = {{value->first, value->second}};
        any = any || !state->limits[kind].empty();
        // Who has no quota any more is not measured.
        if (state->limits[kind].empty()) state->sensors[kind].clear();
    }
    active_.store(any, std::memory_order_relaxed);
}

std::shared_ptr<QuotaTicket> ClientQuotas::begin(std::string_view principal, std::string client_id,
                                                 int16_t api_key, size_t request_bytes) {
    if (!active()) return nullptr;
    std::string user(principal.substr(principal.find(':') + 1));
    return std::make_shared<QuotaTicket>(
        *this, clock_, Client{.user = std::move(user), .id = std::move(client_id)}, api_key,
        request_bytes);
}

/// Upstream's order: the more is said about the user, and then about the client, the sooner it
/// counts. Who is meant by the user alone shares one sensor with all clients of that user.
std::optional<ClientQuotas::Limit> ClientQuotas::limit_of(const State& state, QuotaKind kind,
                                                          const Client& client) {
    const QuotaMap& limits = state.limits[size_t(kind)];
    if (limits.empty()) return std::nullopt;
    const std::string of_both = client.user + '\n' + client.id;
    const std::string of_user = client.user + '\n';
    const std::string of_client = '\n' + client.id;
    const std::optional<std::string> user = client.user, id = client.id, any = std::nullopt;
    struct Rung {
        QuotaEntity entity;
        const std::string& sensor;
    };
    const std::array<Rung, 8> ladder{{
        {{{quota_user, user}, {quota_client, id}}, of_both},
        {{{quota_user, user}, {quota_client, any}}, of_both},
        {{{quota_user, user}}, of_user},
        {{{quota_user, any}, {quota_client, id}}, of_both},
        {{{quota_user, any}, {quota_client, any}}, of_both},
        {{{quota_user, any}}, of_user},
        {{{quota_client, id}}, of_client},
        {{{quota_client, any}}, of_client},
    }};
    for (const Rung& rung : ladder)
        if (auto found = limits.find(rung.entity); found != limits.end())
            return Limit{.bound = found->second.begin()->second, .sensor = rung.sensor};
    return std::nullopt;
}

ClientQuotas::Sensor& ClientQuotas::sensor_of(State& state, QuotaKind kind,
                                              const std::string& name) const {
    auto& sensors = state.sensors[size_t(kind)];
    auto found = sensors.find(name);
    if (found != sensors.end()) return found->second;
    int64_t now = clock_.monotonic_ms();
    const QuotaWindows& windows = windows_of(kind);
    int64_t& swept_ms = state.swept_ms[size_t(kind)];
    if (sensors.size() >= remembered_max && now - swept_ms >= windows.window_ms) {
        swept_ms = now;
        std::erase_if(sensors, [&](const auto& sensor) {
            return sensor.second.rate.idle(now, windows) &&
                   sensor.second.bucket.idle(now, windows);
        });
    }
    if (sensors.size() >= remembered_max) sensors.erase(sensors.begin());
    return sensors[name];
}

int64_t ClientQuotas::record(QuotaKind kind, const Client& client, double value) {
    auto state = state_.lock();
    auto limit = limit_of(*state, kind, client);
    if (!limit) return 0;
    int64_t now = clock_.monotonic_ms();
    Rate& rate = sensor_of(*state, kind, limit->sensor).rate;
    rate.record(value, now, windows_of(kind));
    return rate.excess_ms(limit->bound, now, windows_of(kind));
}

void ClientQuotas::take_back(QuotaKind kind, const Client& client, double value) {
    auto state = state_.lock();
    if (auto limit = limit_of(*state, kind, client))
        sensor_of(*state, kind, limit->sensor)
            .rate.record(-value, clock_.monotonic_ms(), windows_of(kind));
}

std::optional<double> ClientQuotas::window_max(QuotaKind kind, const Client& client) const {
    auto limit = limit_of(*state_.lock(), kind, client);
    if (!limit) return std::nullopt;
    constexpr double ms_per_second = 1000;
    const QuotaWindows& windows = windows_of(kind);
    return limit->bound * (windows.samples - 1) * double(windows.window_ms) / ms_per_second;
}

ClientQuotas::Mutation ClientQuotas::mutate(const Client& client, double partitions, bool strict) {
    constexpr QuotaKind kind = QuotaKind::controller_mutation;
    auto state = state_.lock();
    auto limit = limit_of(*state, kind, client);
    if (!limit) return {};
    int64_t now = clock_.monotonic_ms();
    TokenBucket& bucket = sensor_of(*state, kind, limit->sensor).bucket;
    if (strict && !bucket.acceptable(limit->bound, now, windows_of(kind)))
        return {.accepted = false, .wait_ms = bucket.excess_ms(limit->bound)};
    bucket.take(partitions, limit->bound, now, windows_of(kind));
    // A strict client is told to wait by the refusal of its next request.
    return {.accepted = true, .wait_ms = strict ? 0 : bucket.excess_ms(limit->bound)};
}

size_t ClientQuotas::remembered() const {
    auto state = state_.lock();
    size_t sum = 0;
    for (const auto& sensors : state->sensors) sum += sensors.size();
    return sum;
}

QuotaTicket::QuotaTicket(ClientQuotas& quotas, Clock& clock, ClientQuotas::Client client,
                         int16_t api_key, size_t request_bytes)
    : quotas_(quotas),
      clock_(clock),
      client_(std::move(client)),
      api_key_(api_key),
      request_bytes_(request_bytes),
      began_ns_(clock.monotonic_ns()) {}

/// Per cent of one thread's time. At most a window at once, as upstream.
int64_t QuotaTicket::request_throttle_ms() {
    if (exempt_) return 0;
    constexpr double percent_per_ns = 100.0 / 1e9;
    int64_t end = handled_ns_ != 0 ? handled_ns_.load() : clock_.monotonic_ns();
    int64_t wait = quotas_.record(QuotaKind::request, client_,
                                  double(end - began_ns_) * percent_per_ns);
    return std::min(wait, quotas_.request_wait_max_ms());
}

int32_t QuotaTicket::throttle_ms() {
    if (throttle_ms_) return *throttle_ms_;
    int64_t wait = std::max(request_throttle_ms(), mutation_wait_ms_);
    if (api_key_ == produce_key)
        wait = std::max(wait,
                        quotas_.record(QuotaKind::produce, client_, double(request_bytes_)));
    throttle_ms_ = clamped_ms(wait);
    return *throttle_ms_;
}

int32_t QuotaTicket::fetch_bytes_max(int32_t asked) const {
    auto most = quotas_.window_max(QuotaKind::fetch, client_);
    if (exempt_ || !most || *most >= double(asked)) return asked;
    return int32_t(*most);
}

int32_t QuotaTicket::throttle_fetch_ms(size_t bytes) {
    if (throttle_ms_) return *throttle_ms_;
    int64_t wait = exempt_ ? 0 : quotas_.record(QuotaKind::fetch, client_, double(bytes));
    wait = std::max(wait, request_throttle_ms());
    if (wait > 0) quotas_.take_back(QuotaKind::fetch, client_, double(bytes));
    throttle_ms_ = clamped_ms(wait);
    return *throttle_ms_;
}

bool QuotaTicket::may_mutate(double partitions, bool strict) {
    auto mutation = quotas_.mutate(client_, partitions, strict);
    mutation_wait_ms_ = std::max(mutation_wait_ms_, mutation.wait_ms);
    return mutation.accepted;
}

}  // namespace stoker::broker
