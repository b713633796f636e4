#include "kafka/admin.hpp"

#include <algorithm>

namespace stoker::kafka {

Outcome<std::unique_ptr<Admin>> Admin::create(const ClientProperties& properties, Log log,
                                              const Clock& clock) {
    auto refused = [](Failure why) {
        return failed(kafka_exception("Failed to create new KafkaAdminClient", std::move(why)));
    };
    // A setting of the wrong type fails before anything is created, so it has no exception around.
    Outcome<CommonSettings> settings = read_common_settings(properties);
    if (!settings) return failed(settings.error());
    bool controllers = properties.has("bootstrap.controllers");
    if (controllers) {
        settings->bootstrap_servers = properties.get_list("bootstrap.controllers");
    }
    if (settings->client_id.empty()) settings->client_id = "adminclient-1";
    std::string name = "AdminClient clientId=" + settings->client_id;
    auto cluster = Cluster::create({.settings = std::move(*settings),
                                    .name = std::move(name),
                                    .controllers = controllers},
                                   std::move(log), clock);
    if (!cluster) return refused(cluster.error());
    return std::unique_ptr<Admin>(new Admin(std::move(*cluster)));
}

Outcome<Connection*> Admin::connect(const Target& target, Deadline deadline) {
    switch (target.kind) {
        case Target::Kind::any:
            return cluster_->any(deadline);
        case Target::Kind::controller:
            return cluster_->controller(deadline);
        case Target::Kind::node:
            return cluster_->node(target.node, deadline);
        case Target::Kind::coordinator:
            break;
    }
    Outcome<int32_t> id =
        cluster_->coordinator(target.coordinator_type, target.coordinator_key, deadline);
    if (!id) return failed(id.error());
    return cluster_->node(*id, deadline);
}

Failure Admin::no_node(std::string_view name, const Failure& why) {
    if (why.code != ErrorCode::request_timed_out) return why;
    return failure_of(ErrorCode::request_timed_out,
                      "Timed out waiting for a node assignment. Call: " + std::string(name));
}

void Admin::forget(const Target& target) {
    if (target.kind == Target::Kind::coordinator) {
        cluster_->forget_coordinator(target.coordinator_type, target.coordinator_key);
    } else if (target.kind != Target::Kind::any) {
        cluster_->forget_nodes();
    }
}

std::optional<Failure> Admin::give_up(std::string_view name, const Failure& why, int attempt,
                                      Deadline deadline) {
    int64_t wait = cluster_->retry_backoff_ms(attempt);
    if (attempt < settings().retries && deadline.left_ms() > wait) {
        pause(wait);
        return std::nullopt;
    }
    if (!why.is("DisconnectException")) return why;
    int64_t now = cluster_->clock().wall_ms();
    std::string tries = std::to_string(attempt + 1);
    Failure end = failure_of(
        ErrorCode::request_timed_out,
        "Call(callName=" + std::string(name) +
            ", deadlineMs=" + std::to_string(now + deadline.left_ms()) + ", tries=" + tries +
            ", nextAllowedTryMs=" + std::to_string(now + wait) + ") timed out at " +
            std::to_string(now) + " after " + tries + " attempt(s)");
    end.cause = std::make_shared<const Failure>(why);
    return end;
}

}  // namespace stoker::kafka
