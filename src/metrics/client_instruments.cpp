#include "metrics/client_instruments.hpp"

namespace stoker::metrics {
namespace {

/// The instruments of one client under a common beginning of their names.
class Named {
public:
    Named(Registry& registry, std::string prefix, OwnLabels labels)
        : registry_(registry), prefix_(std::move(prefix)), labels_(std::move(labels)) {}

    Counter& counter(const char* name, const char* help) const {
        return registry_.counter(prefix_ + name, help, labels_);
    }
    Gauge& gauge(const char* name, const char* help) const {
        return registry_.gauge(prefix_ + name, help, labels_);
    }

private:
    Registry& registry_;
    const std::string prefix_;
    const OwnLabels labels_;
};

OwnLabels of_client(const std::string& client_id) { return {{"client_id", client_id}}; }

Named producer(Registry& registry, const std::string& client_id) {
    return {registry, "kafka_producer_producer_metrics_", of_client(client_id)};
}

Named producer_topic(Registry& registry, const std::string& client_id, const std::string& topic) {
    return {registry, "kafka_producer_producer_topic_metrics_",
            {{"client_id", client_id}, {"topic", topic}}};
}

Named consumer(Registry& registry, const std::string& client_id, const std::string& group) {
    return {registry, "kafka_consumer_consumer_" + group + "metrics_", of_client(client_id)};
}

void tell_version(Registry& registry, const std::string& name, const std::string& client_id,
                  const std::string& version) {
    registry.gauge(name, "1; which program a client belongs to.",
                   {{"client_id", client_id}, {"version", version}})
        .set(1);
}

Counter& sent(Registry& registry, const std::string& client_id) {
    return producer(registry, client_id)
        .counter("record_send_total", "Records that were acknowledged.");
}
Counter& not_sent(Registry& registry, const std::string& client_id) {
    return producer(registry, client_id)
        .counter("record_error_total", "Records that were given up.");
}
Counter& consumed(Registry& registry, const std::string& client_id) {
    return consumer(registry, client_id, "fetch_manager_")
        .counter("records_consumed_total", "Records that were read.");
}
Counter& consumed_bytes(Registry& registry, const std::string& client_id) {
    return consumer(registry, client_id, "fetch_manager_")
        .counter("bytes_consumed_total", "Bytes of records that were read.");
}
Counter& committed(Registry& registry, const std::string& client_id) {
    return consumer(registry, client_id, "coordinator_")
        .counter("commit_total", "Commits of offsets.");
}
Counter& not_committed(Registry& registry, const std::string& client_id) {
    return consumer(registry, client_id, "coordinator_")
        .counter("failed_commit_total", "Commits that failed.");
}

}  // namespace

ProducerInstruments::ProducerInstruments(Registry& registry, const std::string& client_id,
                                         const std::string& version)
    : records_sent(sent(registry, client_id)),
      records_failed(not_sent(registry, client_id)),
      records_retried(producer(registry, client_id)
                          .counter("record_retry_total", "Records that were sent again.")),
      bytes_sent(producer(registry, client_id)
                     .counter("outgoing_byte_total", "Bytes sent to brokers.")),
      request_latency_avg_ms(producer(registry, client_id)
                                 .gauge("request_latency_avg",
                                        "Mean time until a request is answered, milliseconds.")),
      request_latency_max_ms(producer(registry, client_id)
                                 .gauge("request_latency_max",
                                        "Longest time until a request was answered, "
                                        "milliseconds.")),
      record_queue_time_avg_ms(producer(registry, client_id)
                                   .gauge("record_queue_time_avg",
                                          "Mean time of records before they are sent, "
                                          "milliseconds.")),
      batch_size_avg(
          producer(registry, client_id).gauge("batch_size_avg", "Mean bytes of a batch.")),
      requests_in_flight(producer(registry, client_id)
                             .gauge("requests_in_flight", "Requests that are not answered.")),
      connections(producer(registry, client_id).gauge("connection_count", "Open connections.")) {
    tell_version(registry, "kafka_producer_app_info", client_id, version);
}

ProducerTopicInstruments::ProducerTopicInstruments(Registry& registry,
                                                   const std::string& client_id,
                                                   const std::string& topic)
    : records_sent(producer_topic(registry, client_id, topic)
                       .counter("record_send_total", "Records that were acknowledged.")),
      records_failed(producer_topic(registry, client_id, topic)
                         .counter("record_error_total", "Records that were given up.")),
      bytes(producer_topic(registry, client_id, topic)
                .counter("byte_total", "Bytes of records sent.")) {}

ConsumerInstruments::ConsumerInstruments(Registry& registry, const std::string& client_id,
                                         const std::string& version)
    : records_consumed(consumed(registry, client_id)),
      bytes_consumed(consumed_bytes(registry, client_id)),
      commits(committed(registry, client_id)),
      failed_commits(not_committed(registry, client_id)),
      rebalances(consumer(registry, client_id, "coordinator_")
                     .counter("rebalance_total", "Assignments that were taken.")),
      records_lag_max(consumer(registry, client_id, "fetch_manager_")
                          .gauge("records_lag_max",
                                 "Records still to be read in the partition with most.")),
      assigned_partitions(consumer(registry, client_id, "coordinator_")
                              .gauge("assigned_partitions", "Partitions that it reads.")),
      connections(
          consumer(registry, client_id, "").gauge("connection_count", "Open connections.")) {
    tell_version(registry, "kafka_consumer_app_info", client_id, version);
}

ReadingInstruments::ReadingInstruments(Registry& registry, const std::string& client_id,
                                       const std::string& version)
    : records_consumed(consumed(registry, client_id)),
      bytes_consumed(consumed_bytes(registry, client_id)),
      commits(committed(registry, client_id)),
      failed_commits(not_committed(registry, client_id)) {
    tell_version(registry, "kafka_consumer_app_info", client_id, version);
}

SendingInstruments::SendingInstruments(Registry& registry, const std::string& client_id,
                                       const std::string& version)
    : records_sent(sent(registry, client_id)), records_failed(not_sent(registry, client_id)) {
    tell_version(registry, "kafka_producer_app_info", client_id, version);
}

}  // namespace stoker::metrics
