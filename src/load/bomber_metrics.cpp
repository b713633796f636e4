#include "load/bomber_metrics.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "http/metrics_endpoint.hpp"
#include "load/consumer_settings.hpp"
#include "metrics/process_metrics.hpp"

namespace stoker::load {
namespace {

constexpr double us_a_ms = 1000;

std::string client_id_of(const client::Config& config) {
    std::string id;
    for (const auto& [name, value] : config)
        if (name == "client.id") id = value;  // the last one counts
    return id;
}

/// The bombers count for themselves; the counter follows.
void raise(metrics::Counter& counter, int64_t total) {
    const auto now = uint64_t(total);
    if (now > counter.value()) counter.add(now - counter.value());
}

/// As long as nothing new was measured, a mean stays what it was.
void set_mean(metrics::Gauge& gauge, int64_t sum, int64_t count, double divisor) {
    if (count > 0) gauge.set(double(sum) / double(count) / divisor);
}

/// Of each partition that is assigned.
std::string lag_text(const std::string& client_id, const ConsumerStats& stats) {
    metrics::TextWriter writer;
    writer.family("kafka_consumer_consumer_fetch_manager_metrics_records_lag",
                  metrics::Type::gauge, "Records still to be read.");
    for (const auto& [where, lag] : stats.lag)
        writer.sample({{"client_id", client_id},
                       {"topic", where.topic},
                       {"partition", std::to_string(where.partition)}},
                      lag);
    return std::move(writer).text();
}

}  // namespace

ProducerMetrics::ProducerMetrics(const ProducerBomber& bomber, const ProducerOptions& options,
                                 const Clock& clock)
    : bomber_(bomber),
      registry_(clock),
      instruments_(registry_, client_id_of(producer_config(options)), STOKER_VERSION) {
    registry_.collect(metrics::write_process_metrics);
}

std::string ProducerMetrics::text() {
    const ProducerStats stats = bomber_.stats();
    const client::Statistics told = bomber_.statistics();
    raise(instruments_.records_sent, stats.messages_sent);
    raise(instruments_.records_failed, stats.messages_failed);
    raise(instruments_.records_retried, told.requests_retried);
    raise(instruments_.bytes_sent, told.bytes_sent);
    set_mean(instruments_.request_latency_avg_ms, told.round_trip.sum_us, told.round_trip.count,
             us_a_ms);
    if (told.round_trip.count > 0)
        instruments_.request_latency_max_ms.set(double(told.round_trip.max_us) / us_a_ms);
    set_mean(instruments_.record_queue_time_avg_ms, told.queued.sum_us, told.queued.count, us_a_ms);
    set_mean(instruments_.batch_size_avg, told.batch_bytes, told.batches, 1);
    instruments_.requests_in_flight.set(double(told.requests_in_flight));
    instruments_.connections.set(double(told.connections));
    return registry_.text();
}

ConsumerMetrics::ConsumerMetrics(const ConsumerBomber& bomber, const ConsumerOptions& options,
                                 const Clock& clock)
    : bomber_(bomber),
      client_id_(consumer_properties(options).get_or("client.id", "")),
      registry_(clock),
      instruments_(registry_, client_id_, STOKER_VERSION) {
    registry_.collect(metrics::write_process_metrics);
}

std::string ConsumerMetrics::text() {
    const ConsumerStats stats = bomber_.stats();
    raise(instruments_.records_consumed, stats.messages_consumed);
    raise(instruments_.bytes_consumed, stats.bytes_consumed);
    raise(instruments_.commits, stats.commits);
    raise(instruments_.failed_commits, stats.failed_commits);
    raise(instruments_.rebalances, stats.rebalances);
    int64_t lag_max = 0;
    for (const auto& [where, lag] : stats.lag) lag_max = std::max(lag_max, lag);
    instruments_.records_lag_max.set(double(lag_max));
    instruments_.assigned_partitions.set(double(stats.partitions_assigned));
    instruments_.connections.set(double(stats.connections));
    return registry_.text() + lag_text(client_id_, stats);
}

std::expected<std::unique_ptr<http::Server>, std::string> serve_metrics(
    const BomberOptions& options, std::function<std::string()> text) {
    if (!options.metrics_port) return nullptr;
    return http::serve_metrics({.port = *options.metrics_port, .option = "--metrics-port"},
                               [text = std::move(text)] {
                                   return std::make_shared<const std::string>(text());
                               });
}

}  // namespace stoker::load
