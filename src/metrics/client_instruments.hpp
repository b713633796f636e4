// What a producer or a consumer of ours counts, under the names that Java's clients have through
// jmx_exporter's rules (kafka_<producer|consumer>_<group of MBeans>_<attribute>), so that
// dashboards for Kafka clients find it. Totals are counters: rates are Prometheus's business.
#pragma once

#include <string>

#include "metrics/registry.hpp"

namespace stoker::metrics {

/// Of one client.id. References into the registry; any thread.
struct ProducerInstruments {
    /// `version`: of the program, for kafka_producer_app_info.
    ProducerInstruments(Registry& registry, const std::string& client_id,
                        const std::string& version);

    Counter& records_sent;    // acknowledged
    Counter& records_failed;
    Counter& records_retried;  // where the client tells only requests: those
    Counter& bytes_sent;      // to brokers
    Gauge& request_latency_avg_ms;
    Gauge& request_latency_max_ms;
    Gauge& record_queue_time_avg_ms;
    Gauge& batch_size_avg;
    Gauge& requests_in_flight;
    Gauge& connections;
};

/// What a producer sends to one topic.
struct ProducerTopicInstruments {
    ProducerTopicInstruments(Registry& registry, const std::string& client_id,
                             const std::string& topic);

    Counter& records_sent;
    Counter& records_failed;
    Counter& bytes;  // of records
};

/// Of one client.id. References into the registry; any thread.
struct ConsumerInstruments {
    ConsumerInstruments(Registry& registry, const std::string& client_id,
                        const std::string& version);

    Counter& records_consumed;
    Counter& bytes_consumed;
    Counter& commits;
    Counter& failed_commits;
    Counter& rebalances;
    Gauge& records_lag_max;
    Gauge& assigned_partitions;
    Gauge& connections;
};

/// What a service counts of its own clients, of both kinds or one: what they do, and nothing that
/// only librdkafka tells.
struct ReadingInstruments {
    ReadingInstruments(Registry& registry, const std::string& client_id,
                       const std::string& version);

    Counter& records_consumed;
    Counter& bytes_consumed;
    Counter& commits;
    Counter& failed_commits;
};
struct SendingInstruments {
    SendingInstruments(Registry& registry, const std::string& client_id,
                       const std::string& version);

    Counter& records_sent;
    Counter& records_failed;
};

}  // namespace stoker::metrics
