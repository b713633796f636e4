// Everything that a broker tells Prometheus, under the names that jmx_exporter's rules give Apache
// Kafka's own metrics (examples/kafka-2_0_0.yml, Strimzi's kafka-metrics.yaml), so that dashboards
// and alerts for Kafka find what they look for. What this broker does not measure is not there.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "broker/metadata/cluster_metadata.hpp"
#include "broker/metrics/partition_counters.hpp"
#include "metrics/text_writer.hpp"
#include "net/server.hpp"

namespace stoker::broker {

class Broker;

/// One thread.
class BrokerMetrics {
public:
    /// Both outlive it.
    BrokerMetrics(Broker& broker, const net::Server& server);

    /// The answer to a scrape.
    std::string text();

private:
    /// One partition, as far as its log tells without being opened for it.
    struct Row {
        const Topic* topic = nullptr;
        std::string_view id;
        bool known = false;  // the offsets below are
        int64_t start = 0;
        int64_t end = 0;
        int64_t stable = 0;
        int64_t high = 0;
        size_t segments = 0;
        int64_t size = 0;
    };
    struct Idle {
        int64_t at_ns = 0;
        int64_t idle_ns = 0;
        double share = 1;
    };

    void read_topics();
    Row row(const Topic& topic, PartitionId id);
    int64_t size_of_closed(const Topic& topic, PartitionId id);
    std::string_view decimal(int32_t id);
    void write_traffic(metrics::TextWriter& writer);
    void write_partitions(metrics::TextWriter& writer);
    void write_node(metrics::TextWriter& writer);
    void write_controller(metrics::TextWriter& writer);
    void write_raft(metrics::TextWriter& writer);
    void write_groups(metrics::TextWriter& writer);
    void write_threads(metrics::TextWriter& writer, int64_t now_ns);

    Broker& broker_;
    const net::Server& server_;
    Idle idle_;
    std::deque<std::string> decimals_;  // which rows refer to
    /// Of logs that this process has not opened: they do not change.
    std::map<storage::TopicPartition, int64_t> closed_sizes_;
    // Of the scrape that is being answered.
    std::vector<TopicPointer> topics_;
    TrafficTotals total_;
    std::vector<TrafficTotals> by_topic_;  // as topics_
    std::vector<Row> rows_;
};

}  // namespace stoker::broker
