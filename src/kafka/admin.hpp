// The heart of Java's AdminClient: a request goes to a broker of the right kind, is tried again
// until default.api.timeout.ms when the connection or the broker says that this may help, and fails
// with Java's exceptions. The calls themselves lie in admin_topics.hpp, admin_groups.hpp and so on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "kafka/client_properties.hpp"
#include "kafka/cluster.hpp"
#include "kafka/connection.hpp"
#include "kafka/failure.hpp"

namespace stoker::kafka {

/// Who is to be asked.
struct Target {
    enum class Kind { any, controller, node, coordinator };
    Kind kind = Kind::any;
    int32_t node = -1;
    CoordinatorType coordinator_type = CoordinatorType::group;
    std::string coordinator_key{};

    static Target any() { return {}; }
    static Target controller() { return {.kind = Kind::controller}; }
    static Target of_node(int32_t id) { return {.kind = Kind::node, .node = id}; }
    static Target coordinator(CoordinatorType type, std::string key) {
        return {.kind = Kind::coordinator,
                .coordinator_type = type,
                .coordinator_key = std::move(key)};
    }
};

struct CallOptions {
    /// Instead of default.api.timeout.ms.
    std::optional<int64_t> timeout_ms{};
    int16_t version_max = INT16_MAX;
};

/// One thread at a time.
class Admin {
public:
    /// Fails as Java's "Failed to create new KafkaAdminClient" with its cause. `clock` and what
    /// `log` writes to must outlive the client.
    static Outcome<std::unique_ptr<Admin>> create(const ClientProperties& properties, Log log,
                                                  const Clock& clock);

    Cluster& cluster() { return *cluster_; }
    const CommonSettings& settings() const { return cluster_->settings(); }

    /// The error that stands for the whole answer; none where each part has its own.
    template <class Response>
    using ErrorOf = std::type_identity_t<std::function<ErrorCode(const Response&)>>;

    /// `name` is Java's name of the call, for the texts of time-outs. An answer whose error_of() is
    /// retriable is asked for again; any other answer is the caller's to judge.
    template <protocol::Message Response, protocol::Message Request>
    Outcome<Response> call(std::string_view name, const Target& target, const Request& request,
                           CallOptions options = {}, const ErrorOf<Response>& error_of = {});

private:
    explicit Admin(std::unique_ptr<Cluster> cluster) : cluster_(std::move(cluster)) {}
    Outcome<Connection*> connect(const Target& target, Deadline deadline);
    /// Waits before the next attempt; or the failure to give up with.
    std::optional<Failure> give_up(std::string_view name, const Failure& why, int attempt,
                                   Deadline deadline);
    void forget(const Target& target);
    static Failure no_node(std::string_view name, const Failure& why);

    std::unique_ptr<Cluster> cluster_;
};

template <protocol::Message Response, protocol::Message Request>
Outcome<Response> Admin::call(std::string_view name, const Target& target, const Request& request,
                              CallOptions options, const ErrorOf<Response>& error_of) {
    Deadline deadline =
        cluster_->deadline(options.timeout_ms.value_or(settings().default_api_timeout_ms));
    for (int attempt = 0;; ++attempt) {
        Outcome<Connection*> to = connect(target, deadline);
        if (!to) return failed(no_node(name, to.error()));
        Outcome<Response> answer =
            (*to)->call<Response>(request, deadline.within(settings().request_timeout_ms),
                                  {.version_max = options.version_max});
        Failure why;
        if (answer) {
            ErrorCode code = error_of ? error_of(*answer) : ErrorCode::none;
            if (!is_retriable(code)) return answer;
            forget(target);
            why = failure_of(code);
        } else if (is_retriable(answer.error())) {
            why = answer.error();
        } else {
            return answer;
        }
        if (std::optional<Failure> end = give_up(name, why, attempt, deadline)) {
            return failed(std::move(*end));
        }
    }
}

}  // namespace stoker::kafka
