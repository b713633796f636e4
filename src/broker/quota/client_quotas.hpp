// The quotas of users and client ids at work: how much each has used lately, and how long who used
// too much must wait (KIP-13, KIP-55, KIP-124, KIP-599).
//
// While nobody has a quota a request costs one atomic load. Any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "broker/quota/quota_entity.hpp"
#include "broker/quota/rate.hpp"

namespace stoker::broker {

enum class QuotaKind : uint8_t { produce, fetch, request, controller_mutation };
inline constexpr size_t quota_kinds = 4;

class QuotaTicket;

class ClientQuotas {
public:
    struct Options {
        QuotaWindows windows;
        QuotaWindows controller_windows;  // controller.quota.window.*
    };
    /// Who uses something: the principal's name without its type, and the request's client id.
    struct Client {
        std::string user;
        std::string id;
    };

    ClientQuotas(Clock& clock, Options options) : clock_(clock), options_(options) {}

    /// What the metadata log says; after replay and after each change.
    void set(const QuotaMap& quotas);
    /// Whether anybody has a quota.
    bool active() const { return active_.load(std::memory_order_relaxed); }
    /// Nothing while nobody has a quota. `principal` is "User:ann".
    std::shared_ptr<QuotaTicket> begin(std::string_view principal, std::string client_id,
                                       int16_t api_key, size_t request_bytes);

    /// Adds to what was used; how long the client must wait for that.
    int64_t record(QuotaKind kind, const Client& client, double value);
    /// Takes back what was recorded and did not happen.
    void take_back(QuotaKind kind, const Client& client, double value);
    /// More than this at once would be throttled whatever went before; nothing without a quota.
    std::optional<double> window_max(QuotaKind kind, const Client& client) const;
    /// Creating and deleting partitions. Strict: false, and nothing is taken, where the bucket is
    /// overdrawn already. `wait_ms` is how long the client must wait.
    struct Mutation {
        bool accepted = true;
        int64_t wait_ms = 0;
    };
    Mutation mutate(const Client& client, double partitions, bool strict);

    /// The longest wait for a request's own time: one window, as upstream.
    int64_t request_wait_max_ms() const { return options_.windows.window_ms; }
    /// How many clients are remembered; those that have been idle are forgotten.
    size_t remembered() const;

private:
    /// Beyond it the idle ones are forgotten first: client ids cost those who invent them nothing.
    static constexpr size_t remembered_max = 10'000;

    struct Limit {
        double bound = 0;
        std::string sensor;  // who shares it
    };
    struct Sensor {
        Rate rate;
        TokenBucket bucket;
    };
    struct State {
        std::array<QuotaMap, quota_kinds> limits;
        std::array<std::unordered_map<std::string, Sensor>, quota_kinds> sensors;
        std::array<int64_t, quota_kinds> swept_ms{};  // when the idle were forgotten last
    };

    const QuotaWindows& windows_of(QuotaKind kind) const {
        return kind == QuotaKind::controller_mutation ? options_.controller_windows
                                                      : options_.windows;
    }
    static std::optional<Limit> limit_of(const State& state, QuotaKind kind, const Client& client);
    Sensor& sensor_of(State& state, QuotaKind kind, const std::string& name) const;

    Clock& clock_;
    Options options_;
    std::atomic<bool> active_ = false;
    Guarded<State> state_;
};

/// One request's account. The handler's time is measured by who dispatches it, the rest when it is
/// answered. Any thread, but one at a time.
class QuotaTicket {
public:
    QuotaTicket(ClientQuotas& quotas, Clock& clock, ClientQuotas::Client client, int16_t api_key,
                size_t request_bytes);

    /// The handler has returned: what is answered later cost no more.
    void handled() { handled_ns_ = clock_.monotonic_ns(); }
    /// Not the client's own doing, as replication is.
    void exempt() { exempt_ = true; }
    /// For how long the session is muted once this is answered. The first call records.
    int32_t throttle_ms();

    /// The most that one answer may carry.
    int32_t fetch_bytes_max(int32_t asked) const;
    /// As throttle_ms(). When it is not 0, nothing of the bytes goes out, and nothing of them was
    /// recorded.
    int32_t throttle_fetch_ms(size_t bytes);
    /// False: refused. `strict` where the version knows that error.
    bool may_mutate(double partitions, bool strict);

private:
    int64_t request_throttle_ms();

    ClientQuotas& quotas_;
    Clock& clock_;
    ClientQuotas::Client client_;
    int16_t api_key_;
    size_t request_bytes_;
    int64_t began_ns_;
    std::atomic<int64_t> handled_ns_ = 0;
    bool exempt_ = false;
    int64_t mutation_wait_ms_ = 0;
    std::optional<int32_t> throttle_ms_;
};

}  // namespace stoker::broker
