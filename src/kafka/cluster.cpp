#include "kafka/cluster.hpp"

#include <algorithm>
#include <cmath>

#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/60_describe_cluster.hpp"

namespace stoker::kafka {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

constexpr std::string_view network_logger = "org.apache.kafka.clients.NetworkClient";
/// Brokers and topics are named by the peer: what a hostile one can make us remember is bounded by
/// the codec's limits; this bounds how often one call asks again.
constexpr int64_t retry_pause_ms_min = 10;

/// A connection that is under way is worth a little more time than a caller has who asks often:
/// else a busy peer would seem to be away.
constexpr int64_t opening_least_ms = 1000;

Deadline opening(const Clock& clock, Deadline deadline, const CommonSettings& settings) {
    return Deadline(clock, std::max(deadline.left_ms(), opening_least_ms))
        .within(settings.connection_setup_timeout_ms);
}

Failure timed_out() {
    return failure_of(ErrorCode::request_timed_out, "Timed out waiting for a node assignment.");
}

}  // namespace

std::string to_string(const Node& node) {
    return node.host + ":" + std::to_string(node.port) + " (id: " + std::to_string(node.id) +
           " rack: " + node.rack.value_or("null") +
           " isFenced: " + (node.is_fenced ? "true" : "false") + ")";
}

Outcome<std::unique_ptr<Cluster>> Cluster::create(ClusterOptions options, Log log,
                                                  const Clock& clock) {
    Outcome<std::vector<HostPort>> servers =
        parse_bootstrap(options.settings.bootstrap_servers, log);
    if (!servers) return failed(servers.error());
    std::vector<Node> bootstrap;
    for (const HostPort& server : *servers) {
        bootstrap.push_back({.id = -1 - int32_t(bootstrap.size()),
                             .host = server.host,
                             .port = server.port});
    }
    return std::unique_ptr<Cluster>(
        new Cluster(std::move(options), std::move(log), clock, std::move(bootstrap)));
}

void Cluster::warn(const std::string& text) const {
    log_.warn("[" + options_.name + "] " + text, network_logger);
}

void Cluster::log_error(const std::string& text, std::string_view logger) const {
    log_.error("[" + options_.name + "] " + text, logger);
}

int64_t Cluster::jittered(int64_t base_ms, int64_t max_ms, int exponent) {
    double ms = std::min(double(base_ms) * std::pow(2.0, std::min(exponent, 30)), double(max_ms));
    double factor = 0.8 + 0.4 * double(random_.below(1000)) / 1000.0;
    return int64_t(ms * factor);
}

int64_t Cluster::retry_backoff_ms(int attempt) {
    return jittered(settings().retry_backoff_ms, settings().retry_backoff_max_ms, attempt);
}

Outcome<Connection*> Cluster::attempt(const Node& node, Deadline deadline) {
    Link& to = link(node);
    if (to.connection && to.connection->is_open()) return to.connection.get();
    ConnectionOptions options{.client_id = settings().client_id,
                              .send_buffer_bytes = settings().send_buffer_bytes,
                              .receive_buffer_bytes = settings().receive_buffer_bytes,
                              .security = settings().security,
                              .host = node.host};
    Failure why = disconnected("no address");
    std::string tried = node.host;
    if (node.port > 0 && node.port <= UINT16_MAX) {
        HostPort where{.host = node.host, .port = uint16_t(node.port)};
        for (const Address& address : resolve(where)) {
            tried = address.text;
            auto made = Connection::open(address, options, opening(clock_, deadline, settings()));
            if (made) {
                to = {.connection = std::move(*made)};
                return to.connection.get();
            }
            why = made.error();
            if (is_authentication_failure(why)) break;
        }
    }
    to.retry_at_ms = clock_.monotonic_ms() + jittered(settings().reconnect_backoff_ms,
                                                      settings().reconnect_backoff_max_ms,
                                                      to.failures++);
    to.why = why;
    if (is_authentication_failure(why)) {
        log_error("Connection to node " + std::to_string(node.id) + " (" + tried + ":" +
                      std::to_string(node.port) + ") failed authentication due to: " + why.text(),
                  network_logger);
        return failed(std::move(why));
    }
    warn("Connection to node " + std::to_string(node.id) + " (" + tried + ":" +
         std::to_string(node.port) +
         ") could not be established. Node may not be available.");
    if (node.id < 0 && options_.warns_of_bootstrap) {
        warn("Bootstrap broker " + to_string(node) + " disconnected");
    }
    return failed(std::move(why));
}

int64_t Cluster::backoff_left_ms(int32_t id) const {
    std::optional<Node> node = find_node(id);
    if (!node) return 0;
    auto found = links_.find({node->host, node->port});
    if (found == links_.end()) return 0;
    return std::max<int64_t>(0, found->second.retry_at_ms - clock_.monotonic_ms());
}

std::optional<Node> Cluster::find_node(int32_t id) const {
    const std::vector<Node>& known = id < 0 ? bootstrap_ : nodes_;
    auto found = std::ranges::find(known, id, &Node::id);
    if (found == known.end()) return std::nullopt;
    return *found;
}

Outcome<Connection*> Cluster::try_node(int32_t id, Deadline deadline) {
    std::optional<Node> node = find_node(id);
    if (!node) return failed(disconnected("node " + std::to_string(id) + " is not known"));
    if (backoff_left_ms(id) > 0) return failed(link(*node).why);
    return attempt(*node, deadline);
}

Outcome<Connection*> Cluster::try_any(Deadline deadline) {
    for (auto& [where, to] : links_) {
        if (to.connection && to.connection->is_open()) return to.connection.get();
    }
    Failure why = disconnected("no server is known");
    for (const Node& node : std::vector(candidates())) {
        Outcome<Connection*> made =
            backoff_left_ms(node.id) > 0 ? failed(link(node).why) : attempt(node, deadline);
        if (made || is_authentication_failure(made.error())) return made;
        why = made.error();
    }
    return failed(std::move(why));
}

size_t Cluster::connections() const {
    return size_t(std::ranges::count_if(links_, [](const auto& entry) {
        return entry.second.connection && entry.second.connection->is_open();
    }));
}

void Cluster::wait_for_one(const std::vector<Node>& nodes, Deadline deadline) const {
    int64_t shortest = deadline.left_ms();
    for (const Node& node : nodes) shortest = std::min(shortest, backoff_left_ms(node.id));
    pause(std::max(shortest, std::min(retry_pause_ms_min, deadline.left_ms())));
}

Outcome<Connection*> Cluster::any(Deadline deadline) {
    do {
        Outcome<Connection*> made = try_any(deadline);
        if (made || is_authentication_failure(made.error())) return made;
        wait_for_one(candidates(), deadline);
    } while (!deadline.passed());
    return failed(timed_out());
}

Outcome<Connection*> Cluster::node(int32_t id, Deadline deadline) {
    do {
        if (!find_node(id)) {
            nodes_.clear();
            if (Outcome<void> known = ensure_nodes(deadline); !known) return failed(known.error());
        }
        std::optional<Node> wanted = find_node(id);
        if (!wanted) {
            pause(std::min(settings().retry_backoff_ms, deadline.left_ms()));
            continue;
        }
        Outcome<Connection*> made = try_node(id, deadline);
        if (made || is_authentication_failure(made.error())) return made;
        wait_for_one({*wanted}, deadline);
    } while (!deadline.passed());
    return failed(timed_out());
}

Outcome<Connection*> Cluster::controller(Deadline deadline) {
    for (;;) {
        if (controller_id_ >= 0 && find_node(controller_id_)) {
            return node(controller_id_, deadline);
        }
        nodes_.clear();  // what is known, from a coordinator say, has no controller in it
        if (Outcome<void> known = ensure_nodes(deadline); !known) return failed(known.error());
        if (controller_id_ >= 0 && find_node(controller_id_)) continue;
        if (deadline.passed()) return failed(timed_out());
        pause(std::min(settings().retry_backoff_ms, deadline.left_ms()));
    }
}

void Cluster::learn(const MetadataResponse& metadata) {
    nodes_.clear();
    for (const auto& broker : metadata.brokers) {
        nodes_.push_back({.id = broker.node_id,
                          .host = broker.host,
                          .port = broker.port,
                          .rack = broker.rack});
    }
    cluster_id_ = metadata.cluster_id;
    controller_id_ = metadata.controller_id;
}

Outcome<MetadataResponse> Cluster::fetch_controllers(Deadline deadline) {
    Outcome<Connection*> to = any(deadline);
    if (!to) return failed(to.error());
    auto answer = (*to)->call<protocol::DescribeClusterResponse>(
        protocol::DescribeClusterRequest{.endpoint_type = 2}, deadline);
    if (!answer) return failed(answer.error());
    if (answer->error_code != ErrorCode::none) {
        return failed(failure_of(answer->error_code, answer->error_message));
    }
    MetadataResponse metadata{.cluster_id = answer->cluster_id,
                              .controller_id = answer->controller_id};
    for (const auto& broker : answer->brokers) {
        metadata.brokers.push_back({.node_id = broker.broker_id,
                                    .host = broker.host,
                                    .port = broker.port,
                                    .rack = broker.rack});
    }
    return metadata;
}

Outcome<MetadataResponse> Cluster::fetch_metadata(const MetadataRequest& request,
                                                  Deadline deadline) {
    for (int attempts = 0;; ++attempts) {
        Outcome<Connection*> to = any(deadline);
        if (!to) return failed(to.error());
        Deadline until = deadline.within(settings().request_timeout_ms);
        auto answer = options_.controllers ? fetch_controllers(until)
                                           : (*to)->call<MetadataResponse>(request, until);
        if (answer) {
            learn(*answer);
            return answer;
        }
        if (!is_retriable(answer.error())) return answer;
        if (deadline.passed()) return failed(timed_out());
        pause(std::min(retry_backoff_ms(attempts), deadline.left_ms()));
    }
}

Outcome<void> Cluster::ensure_nodes(Deadline deadline) {
    if (!nodes_.empty()) return {};
    MetadataRequest request{.topics = std::vector<MetadataRequest::MetadataRequestTopic>{},
                            .allow_auto_topic_creation = true};
    auto answer = fetch_metadata(request, deadline);
    if (!answer) return failed(answer.error());
    return {};
}

Outcome<int32_t> Cluster::ask_coordinator(CoordinatorType type, const std::string& key,
                                          Deadline deadline) {
    Outcome<Connection*> to = any(deadline);
    if (!to) return failed(to.error());
    Outcome<int16_t> version = (*to)->version_of(FindCoordinatorRequest::api);
    if (!version) return failed(version.error());
    FindCoordinatorRequest request{.key_type = int8_t(type)};
    if (*version >= 4) request.coordinator_keys = {key};
    else request.key = key;
    auto answer = (*to)->call<FindCoordinatorResponse>(
        request, deadline.within(settings().request_timeout_ms));
    if (!answer) return failed(answer.error());
    Node found{.id = answer->node_id, .host = answer->host, .port = answer->port};
    ErrorCode code = answer->error_code;
    std::optional<std::string> message = answer->error_message;
    if (*version >= 4) {
        if (answer->coordinators.size() != 1) return failed(malformed("not one coordinator"));
        const auto& one = answer->coordinators.front();
        found = {.id = one.node_id, .host = one.host, .port = one.port};
        code = one.error_code;
        message = one.error_message;
    }
    if (code != ErrorCode::none) {
        if (message && message->empty()) message.reset();
        return failed(failure_of(code, message));
    }
    if (!find_node(found.id) && found.id >= 0) nodes_.push_back(found);
    return found.id;
}

Outcome<int32_t> Cluster::coordinator(CoordinatorType type, const std::string& key,
                                      Deadline deadline) {
    if (auto known = coordinators_.find({type, key}); known != coordinators_.end()) {
        return known->second;
    }
    for (int attempts = 0;; ++attempts) {
        Outcome<int32_t> id = ask_coordinator(type, key, deadline);
        if (id) {
            coordinators_[{type, key}] = *id;
            return id;
        }
        if (!is_retriable(id.error()) || deadline.passed()) return id;
        pause(std::min(retry_backoff_ms(attempts), deadline.left_ms()));
    }
}

void Cluster::forget_coordinator(CoordinatorType type, const std::string& key) {
    coordinators_.erase({type, key});
}

}  // namespace stoker::kafka
