// The brokers of a cluster as one client sees them: the bootstrap list, the nodes and partition
// leaders that metadata names, a connection to each, and waiting for one that answers.
//
// A node that cannot be reached is tried again after Java's back-off, with Java's WARN line each
// time. Nodes whose host and port are those of a bootstrap server share its connection. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "kafka/client_properties.hpp"
#include "kafka/connection.hpp"
#include "kafka/deadline.hpp"
#include "kafka/endpoint.hpp"
#include "kafka/failure.hpp"
#include "kafka/log.hpp"
#include "protocol/messages/03_metadata.hpp"

namespace stoker::kafka {

struct Node {
    /// Negative for a bootstrap server, of which nothing but the address is known.
    int32_t id = -1;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack{};
    bool is_fenced = false;

    bool operator==(const Node&) const = default;
};
/// "localhost:9092 (id: 1 rack: null isFenced: false)", as Java's Node.toString.
std::string to_string(const Node& node);

enum class CoordinatorType : int8_t { group = 0, transaction = 1, share = 2 };

struct ClusterOptions {
    CommonSettings settings;
    /// What stands in brackets before its log lines: "AdminClient clientId=adminclient-1".
    std::string name;
    /// The bootstrap servers are controllers, as --bootstrap-controller has it (KIP-919).
    bool controllers = false;
    /// Producers and consumers also say "Bootstrap broker … disconnected".
    bool warns_of_bootstrap = false;
};

class Cluster {
public:
    /// Reads the bootstrap list; connects to nothing yet. `clock` and what `log` writes to must
    /// outlive the cluster. Fails with Java's ConfigException.
    static Outcome<std::unique_ptr<Cluster>> create(ClusterOptions options, Log log,
                                                    const Clock& clock);

    /// A connection to any node that answers, tried until the deadline; the one that is open
    /// already is preferred. The failure is a TimeoutException.
    Outcome<Connection*> any(Deadline deadline);
    /// The same for one node. Unknown ids make it fetch metadata first.
    Outcome<Connection*> node(int32_t id, Deadline deadline);
    /// The node that metadata names as controller; with KRaft any broker passes its requests on.
    Outcome<Connection*> controller(Deadline deadline);
    /// One attempt, without waiting for the back-off, during which the last attempt's failure is
    /// returned again; WARNs when it fails. For clients that wait in a loop of their own.
    Outcome<Connection*> try_node(int32_t id, Deadline deadline);
    Outcome<Connection*> try_any(Deadline deadline);
    /// How long until an attempt at that node makes sense.
    int64_t backoff_left_ms(int32_t id) const;

    /// Brokers and controller; topics too when asked for (an empty list: none; null: all).
    Outcome<protocol::MetadataResponse> fetch_metadata(const protocol::MetadataRequest& request,
                                                       Deadline deadline);
    /// Takes brokers and controller over from an answer.
    void learn(const protocol::MetadataResponse& metadata);
    /// The next call that needs a certain node fetches metadata again.
    void forget_nodes() {
        nodes_.clear();
        controller_id_ = -1;
    }
    /// The brokers as last learnt; empty before.
    const std::vector<Node>& nodes() const { return nodes_; }
    const std::optional<std::string>& cluster_id() const { return cluster_id_; }
    int32_t controller_id() const { return controller_id_; }
    std::optional<Node> find_node(int32_t id) const;
    /// Fetches metadata when there is none yet.
    Outcome<void> ensure_nodes(Deadline deadline);

    /// The node that coordinates a group, a transaction or a share group. It is remembered until
    /// forget_coordinator(). Retries what is retriable until the deadline.
    Outcome<int32_t> coordinator(CoordinatorType type, const std::string& key, Deadline deadline);
    void forget_coordinator(CoordinatorType type, const std::string& key);

    /// How many are open.
    size_t connections() const;

    bool are_controllers() const { return options_.controllers; }
    const CommonSettings& settings() const { return options_.settings; }
    const Clock& clock() const { return clock_; }
    const Log& log() const { return log_; }
    /// An ERROR line with the client's name in front.
    void log_error(const std::string& text, std::string_view logger) const;
    Deadline deadline(int64_t timeout_ms) const { return {clock_, timeout_ms}; }
    /// retry.backoff.ms, doubled with each attempt (from 0) up to its maximum, ± 20 %.
    int64_t retry_backoff_ms(int attempt);

private:
    struct Link {
        std::unique_ptr<Connection> connection;
        int failures = 0;
        int64_t retry_at_ms = 0;
        /// Of the last attempt.
        Failure why{};
    };

    Cluster(ClusterOptions options, Log log, const Clock& clock, std::vector<Node> bootstrap)
        : options_(std::move(options)), log_(std::move(log)), clock_(clock),
          bootstrap_(std::move(bootstrap)) {}
    Outcome<Connection*> attempt(const Node& node, Deadline deadline);
    Link& link(const Node& node) { return links_[{node.host, node.port}]; }
    const std::vector<Node>& candidates() const { return nodes_.empty() ? bootstrap_ : nodes_; }
    void wait_for_one(const std::vector<Node>& nodes, Deadline deadline) const;
    Outcome<int32_t> ask_coordinator(CoordinatorType type, const std::string& key,
                                     Deadline deadline);
    Outcome<protocol::MetadataResponse> fetch_controllers(Deadline deadline);
    void warn(const std::string& text) const;
    int64_t jittered(int64_t base_ms, int64_t max_ms, int exponent);

    ClusterOptions options_;
    Log log_;
    const Clock& clock_;
    Random random_;
    std::vector<Node> bootstrap_;
    std::vector<Node> nodes_;
    std::optional<std::string> cluster_id_;
    int32_t controller_id_ = -1;
    std::map<std::pair<std::string, int32_t>, Link> links_;
    std::map<std::pair<CoordinatorType, std::string>, int32_t> coordinators_;
};

}  // namespace stoker::kafka
