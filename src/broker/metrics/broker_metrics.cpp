#include "broker/metrics/broker_metrics.hpp"

#include <array>
#include <utility>

#include "broker/broker.hpp"
#include "broker/metrics/request_metrics.hpp"
#include "metrics/process_metrics.hpp"

namespace stoker::broker {

using metrics::Label;
using metrics::TextWriter;
using metrics::Type;

namespace {

constexpr int64_t ns_a_second = 1'000'000'000;
constexpr int running = 3;  // Kafka's BrokerState

void gauge(TextWriter& writer, std::string_view name, std::string_view help, auto value) {
    writer.family(name, Type::gauge, help);
    writer.sample(value);
}

void counter(TextWriter& writer, std::string_view name, std::string_view help, auto value) {
    writer.family(name, Type::counter, help);
    writer.sample(value);
}

struct TrafficFamily {
    std::string_view name;
    std::string_view help;
    uint64_t TrafficTotals::*value;
};

constexpr auto traffic_families = std::to_array<TrafficFamily>({
    {"messagesin", "Records appended.", &TrafficTotals::messages_in},
    {"bytesin", "Bytes of records appended.", &TrafficTotals::bytes_in},
    {"bytesout", "Bytes of records sent to consumers.", &TrafficTotals::bytes_out},
    {"bytesrejected", "Bytes of batches that were too large.", &TrafficTotals::bytes_rejected},
    {"totalproducerequests", "Batches that were to be appended.",
     &TrafficTotals::produce_requests},
    {"failedproducerequests", "Batches that were refused.",
     &TrafficTotals::failed_produce_requests},
    {"totalfetchrequests", "Partitions that were asked for data.",
     &TrafficTotals::fetch_requests},
    {"failedfetchrequests", "Partitions that were asked for data and gave an error.",
     &TrafficTotals::failed_fetch_requests},
});

/// What a lone broker that converts nothing never does.
constexpr auto never_families = std::to_array<std::pair<const char*, const char*>>({
    {"kafka_server_brokertopicmetrics_replicationbytesin_total",
     "Bytes copied from other brokers: there are none."},
    {"kafka_server_brokertopicmetrics_replicationbytesout_total",
     "Bytes copied by other brokers: there are none."},
    {"kafka_server_brokertopicmetrics_producemessageconversions_total",
     "Records converted from older formats: none is."},
    {"kafka_server_brokertopicmetrics_fetchmessageconversions_total",
     "Records converted to older formats: none is."},
    {"kafka_server_replicamanager_isrshrinks_total",
     "Replicas that fell behind: a lone broker's cannot."},
    {"kafka_server_replicamanager_isrexpands_total",
     "Replicas that caught up: a lone broker's need not."},
    {"kafka_controller_controllerstats_uncleanleaderelections_total",
     "Leaders elected that had not all data: a lone broker has it."},
});

}  // namespace

BrokerMetrics::BrokerMetrics(Broker& broker, const net::Server& server)
    : broker_(broker), server_(server) {
    idle_.at_ns = broker.clock().monotonic_ns();
}

std::string BrokerMetrics::text() {
    const int64_t now_ns = broker_.clock().monotonic_ns();
    TextWriter writer;
    read_topics();
    write_traffic(writer);
    write_node(writer);
    write_controller(writer);
    write_partitions(writer);
    if (RequestMetrics* requests = broker_.request_metrics()) requests->write(writer, now_ns);
    write_threads(writer, now_ns);
    write_groups(writer);
    write_raft(writer);
    metrics::write_process_metrics(writer);
    topics_.clear();
    rows_.clear();
    return std::move(writer).text();
}

// ---- topics and partitions

void BrokerMetrics::read_topics() {
    auto [topics, retired] = broker_.metadata().topics_and_retired();
    topics_ = std::move(topics);
    total_ = retired;
    by_topic_.assign(topics_.size(), {});
    rows_.clear();
    for (size_t i = 0; i < topics_.size(); ++i) {
        for (const auto& partition : topics_[i]->partitions) {
            by_topic_[i].add(partition->counters());
            rows_.push_back(row(*topics_[i], partition->id()));
        }
        total_.add(by_topic_[i]);
    }
}

BrokerMetrics::Row BrokerMetrics::row(const Topic& topic, PartitionId id) {
    const storage::TopicPartition partition{topic.name, id};
    Row row{.topic = &topic, .id = decimal(raw(id))};
    if (const auto log = broker_.logs().get_if_open(partition)) {
        closed_sizes_.erase(partition);
        row.known = true;
        row.start = raw(log->start_offset());
        row.end = raw(log->end_offset());
        row.stable = raw(log->last_stable_offset());
        row.high = raw(log->high_watermark());
        row.segments = log->segment_count();
        row.size = log->size();
    } else if (!broker_.logs().contains(partition)) {
        row.known = true;  // nothing was ever written to it
    } else {
        row.size = size_of_closed(topic, id);
    }
    return row;
}

int64_t BrokerMetrics::size_of_closed(const Topic& topic, PartitionId id) {
    storage::TopicPartition partition{topic.name, id};
    const auto found = closed_sizes_.find(partition);
    if (found != closed_sizes_.end()) return found->second;
    const int64_t size = broker_.logs().size_of(partition);
    closed_sizes_.emplace(std::move(partition), size);
    return size;
}

/// Written once: there are as many as the largest topic has partitions.
std::string_view BrokerMetrics::decimal(int32_t id) {
    while (decimals_.size() <= size_t(id)) decimals_.push_back(std::to_string(decimals_.size()));
    return decimals_[size_t(id)];
}

void BrokerMetrics::write_traffic(TextWriter& writer) {
    for (const TrafficFamily& family : traffic_families) {
        writer.family("kafka_server_brokertopicmetrics_" + std::string(family.name) + "_total",
                      Type::counter, family.help);
        writer.sample(total_.*family.value);
        for (size_t i = 0; i < topics_.size(); ++i) {
            const uint64_t value = by_topic_[i].*family.value;
            if (value != 0) writer.sample({{"topic", topics_[i]->name}}, value);
        }
    }
    for (const auto& [name, help] : never_families) counter(writer, name, help, 0);
}

void BrokerMetrics::write_partitions(TextWriter& writer) {
    const auto each = [&](std::string_view name, std::string_view help, bool offsets, auto value) {
        writer.family(name, Type::gauge, help);
        for (const Row& row : rows_) {
            if (offsets && !row.known) continue;
            const std::array<Label, 2> labels{{{"topic", row.topic->name}, {"partition", row.id}}};
            writer.sample(labels, int64_t(value(row)));
        }
    };
    const auto zero = [](const Row&) { return 0; };
    const auto one = [](const Row&) { return 1; };
    each("kafka_log_log_size", "Bytes of a partition's segments.", false,
         [](const Row& row) { return row.size; });
    each("kafka_log_log_logstartoffset", "The first offset; of logs in use.", true,
         [](const Row& row) { return row.start; });
    each("kafka_log_log_logendoffset", "The next offset; of logs in use.", true,
         [](const Row& row) { return row.end; });
    each("kafka_log_log_numlogsegments", "Segments; of logs in use.", true,
         [](const Row& row) { return row.segments; });
    each("kafka_cluster_partition_laststableoffsetlag",
         "Records that open transactions hold back; of logs in use.", true,
         [](const Row& row) { return row.high - row.stable; });
    each("kafka_cluster_partition_replicascount", "Replicas.", false, one);
    each("kafka_cluster_partition_insyncreplicascount", "Replicas in sync.", false, one);
    each("kafka_cluster_partition_underreplicated", "1 where a replica is behind.", false, zero);
    each("kafka_cluster_partition_underminisr", "1 with too few replicas in sync.", false, zero);
    each("kafka_cluster_partition_atminisr",
         "1 with just enough replicas in sync, as every partition with one replica.", false, one);
}

// ---- the node

void BrokerMetrics::write_node(TextWriter& writer) {
    const bool offline = broker_.logs().directory().offline();
    const size_t partitions = rows_.size();
    gauge(writer, "kafka_server_replicamanager_partitioncount", "Partitions.", partitions);
    gauge(writer, "kafka_server_replicamanager_leadercount", "Partitions led here.", partitions);
    gauge(writer, "kafka_server_replicamanager_underreplicatedpartitions",
          "Partitions with a replica that is behind.", 0);
    gauge(writer, "kafka_server_replicamanager_underminisrpartitioncount",
          "Partitions with too few replicas in sync.", 0);
    gauge(writer, "kafka_server_replicamanager_atminisrpartitioncount",
          "Partitions with just enough replicas in sync.", partitions);
    gauge(writer, "kafka_server_replicamanager_offlinereplicacount",
          "Replicas in a log directory that failed.", offline ? partitions : 0);
    gauge(writer, "kafka_log_logmanager_offlinelogdirectorycount",
          "Log directories that failed.", offline ? 1 : 0);
    gauge(writer, "kafka_server_kafkaserver_brokerstate", "Kafka's BrokerState; 3: running.",
          running);
    if (const auto disk = metrics::process_disk_bytes()) {
        gauge(writer, "kafka_server_kafkaserver_linux_disk_read_bytes",
              "Bytes read from disks, page cache apart.", disk->read);
        gauge(writer, "kafka_server_kafkaserver_linux_disk_write_bytes",
              "Bytes written to disks.", disk->written);
    }
}

void BrokerMetrics::write_controller(TextWriter& writer) {
    const bool offline = broker_.logs().directory().offline();
    gauge(writer, "kafka_controller_kafkacontroller_activecontrollercount",
          "1 on the controller, which a lone broker is.", 1);
    gauge(writer, "kafka_controller_kafkacontroller_offlinepartitionscount",
          "Partitions without a leader.", offline ? rows_.size() : 0);
    gauge(writer, "kafka_controller_kafkacontroller_preferredreplicaimbalancecount",
          "Partitions that another broker should lead.", 0);
    gauge(writer, "kafka_controller_kafkacontroller_globaltopiccount", "Topics.", topics_.size());
    gauge(writer, "kafka_controller_kafkacontroller_globalpartitioncount", "Partitions.",
          rows_.size());
}

void BrokerMetrics::write_raft(TextWriter& writer) {
    const ClusterMetadata& metadata = broker_.metadata();
    const int64_t end = raw(metadata.end_offset());
    gauge(writer, "kafka_server_raftmetrics_current_leader", "The controller's id.",
          broker_.node_id());
    gauge(writer, "kafka_server_raftmetrics_current_vote", "Whom this node voted for.",
          broker_.node_id());
    gauge(writer, "kafka_server_raftmetrics_current_epoch", "The controller's epoch.",
          raw(metadata.epoch()));
    gauge(writer, "kafka_server_raftmetrics_high_watermark",
          "Up to where the metadata log is committed.", end);
    gauge(writer, "kafka_server_raftmetrics_log_end_offset", "Where the metadata log ends.", end);
    gauge(writer, "kafka_server_raftmetrics_log_end_epoch", "The epoch of its last record.",
          raw(metadata.epoch()));
    writer.family("kafka_server_raftmetrics_current_state", Type::untyped, "1 in this state.");
    writer.sample({{"current_state", "leader"}}, 1);
}

void BrokerMetrics::write_groups(TextWriter& writer) {
    std::map<std::string, int64_t> by_state;
    int64_t all = 0;
    broker_.groups().list_groups({.request = {}, .version = 5, .client = {}},
                                 [&](const protocol::ListGroupsResponse& response) {
                                     for (const auto& group : response.groups) {
                                         ++all;
                                         ++by_state[group.group_state];
                                     }
                                 });
    const std::string prefix = "kafka_coordinator_group_groupmetadatamanager_numgroups";
    gauge(writer, prefix, "Groups.", all);
    const auto of_state = [&](const char* suffix, const char* state, const char* help) {
        gauge(writer, prefix + suffix, help, by_state[state]);
    };
    of_state("stable", "Stable", "Groups whose members all work.");
    of_state("empty", "Empty", "Groups without members.");
    of_state("dead", "Dead", "Groups that are going away.");
    of_state("preparingrebalance", "PreparingRebalance", "Groups that wait for members to join.");
    of_state("completingrebalance", "CompletingRebalance",
             "Groups that wait for their leader's assignment.");
}

/// One thread receives, works and sends here: what Kafka has as network and request handler
/// threads is equally idle.
void BrokerMetrics::write_threads(TextWriter& writer, int64_t now_ns) {
    const net::ServerStats stats = server_.stats();
    const double passed = double(now_ns - idle_.at_ns) * double(server_.io_threads());
    // Two who scrape at once see the same.
    if (now_ns - idle_.at_ns >= ns_a_second) {
        const double share = double(stats.idle_ns_total - idle_.idle_ns) / passed;
        // A thread that sleeps tells when it wakes up.
        idle_ = {.at_ns = now_ns, .idle_ns = stats.idle_ns_total, .share = share > 1 ? 1 : share};
    }
    gauge(writer, "kafka_network_socketserver_networkprocessoravgidle_percent",
          "Share of the time in which io threads had nothing to do, 0 to 1.", idle_.share);
    gauge(writer, "kafka_server_kafkarequesthandlerpool_requesthandleravgidle_percent",
          "The same: the io threads handle the requests.", idle_.share);
    writer.family("kafka_server_socket_server_metrics_connection_count", Type::untyped,
                  "Connections that are open, by listener.");
    for (const auto& [listener, count] : stats.connections_of)
        writer.sample({{"listener", listener}}, count);
    counter(writer, "kafka_server_socket_server_metrics_connection_creation_total",
            "Connections that were taken.", stats.connections_total);
    counter(writer, "kafka_server_socket_server_metrics_incoming_byte_total",
            "Bytes received from clients.", stats.bytes_in_total);
    counter(writer, "kafka_server_socket_server_metrics_outgoing_byte_total",
            "Bytes sent to clients.", stats.bytes_out_total);
}

}  // namespace stoker::broker
