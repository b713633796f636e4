#include "load/consumer_stats.hpp"

#include <fmt/format.h>

#include "load/producer_stats.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

void ConsumerStats::merge(const ConsumerStats& other) {
    messages_consumed += other.messages_consumed;
    messages_failed += other.messages_failed;
    bytes_consumed += other.bytes_consumed;
    messages_processed += other.messages_processed;
    processing_errors += other.processing_errors;
    bytes_processed += other.bytes_processed;
    processing_ns += other.processing_ns;
    for (size_t i = 0; i < message_types; ++i) {
        by_type[i] += other.by_type[i];
        alerts[i] += other.alerts[i];
    }
    for (auto& [topic, count] : other.by_topic) by_topic[topic] += count;
    for (auto& [partition, count] : other.lag) lag[partition] = count;
    partitions_assigned += other.partitions_assigned;
    consumers_assigned += other.consumers_assigned;
    if (!other.last_error.empty()) last_error = other.last_error;
}

double ConsumerStats::avg_processing_time_ms() const {
    if (messages_processed == 0) return 0;
    return double(processing_ns) / 1e6 / double(messages_processed);
}

double ConsumerStats::error_rate() const {
    if (messages_processed == 0) return 0;
    return double(processing_errors) / double(messages_processed);
}

namespace {

Json by_type_json(const std::array<int64_t, message_types>& counts) {
    Json json = Json::object();
    for (size_t i = 0; i < message_types; ++i)
        if (counts[i] > 0) json[std::string(name(MessageType(i)))] = counts[i];
    return json;
}

std::string lag_name(const client::TopicPartition& partition) {
    return fmt::format("{}-{}", partition.topic, partition.partition);
}

}  // namespace

Json consumer_json(const ConsumerStats& stats, const ConsumerRun& run) {
    Json json;
    json["messages_consumed"] = stats.messages_consumed;
    json["messages_failed"] = stats.messages_failed;
    json["bytes_consumed"] = stats.bytes_consumed;
    json["start_time"] = iso_time(run.start_wall_us);
    json["duration_seconds"] = rounded(run.seconds, 3);
    json["messages_per_second"] = rounded(per_second(stats.messages_consumed, run.seconds), 1);
    json["mb_per_second"] = rounded(mb_per_second(stats.bytes_consumed, run.seconds), 3);
    json["messages_processed"] = stats.messages_processed;
    json["processing_errors"] = stats.processing_errors;
    json["bytes_processed"] = stats.bytes_processed;
    json["avg_processing_time_ms"] = rounded(stats.avg_processing_time_ms(), 4);
    json["error_rate"] = rounded(stats.error_rate(), 6);
    json["messages_by_type"] = by_type_json(stats.by_type);
    json["messages_by_topic"] = stats.by_topic;
    json["alerts_by_type"] = by_type_json(stats.alerts);
    Json& lag = json["consumer_lag"] = Json::object();
    for (auto& [partition, count] : stats.lag) lag[lag_name(partition)] = count;
    return json;
}

Json verified_json(const Verification& verification) {
    Json json;
    json["distinct"] = verification.distinct();
    json["duplicated"] = verification.duplicated();
    json["unstamped"] = verification.unstamped();
    Json& producers = json["producers"] = Json::array();
    for (auto& [name, producer] : verification.producers()) {
        int64_t distinct = producer.seen.count();
        producers.push_back({{"run_id", run_name(name.first)},
                             {"producer", name.second},
                             {"distinct", distinct},
                             {"duplicated", producer.duplicated},
                             {"missing_below_highest", producer.seen.end() - uint64_t(distinct)}});
    }
    json["end_to_end_ms"] = milliseconds_json(verification.end_to_end_us());
    return json;
}

Json consumer_progress_json(const ConsumerStats& stats, const ConsumerRun& run,
                            const Verification* verification, const Histogram& recent_us) {
    Json json;
    json["t"] = rounded(run.seconds, 1);
    json["consumed"] = stats.messages_consumed;
    json["failed"] = stats.messages_failed;
    json["bytes"] = stats.bytes_consumed;
    json["partitions_assigned"] = stats.partitions_assigned;
    json["consumers_assigned"] = stats.consumers_assigned;
    if (!verification) return json;
    json["duplicated"] = verification->duplicated();
    Json& runs = json["distinct_by_run"] = Json::object();
    for (auto& [name, producer] : verification->producers()) {
        Json& sum = runs[run_name(name.first)];
        sum = (sum.is_null() ? 0 : sum.get<int64_t>()) + producer.seen.count();
    }
    json["p99_ms"] = rounded(double(recent_us.percentile(99)) / 1000, 3);
    return json;
}

std::string consumer_report(const ConsumerStats& stats, const ConsumerRun& run) {
    return fmt::format(
        "[{:.0f} s] {} messages consumed, {} failed, {:.1f} msg/s, {:.2f} MB/s, {} processed, "
        "error rate {:.2f} %, {} active topics\n",
        run.seconds, stats.messages_consumed, stats.messages_failed,
        per_second(stats.messages_consumed, run.seconds),
        mb_per_second(stats.bytes_consumed, run.seconds), stats.messages_processed,
        stats.error_rate() * 100, stats.by_topic.size());
}

std::string consumer_summary(const ConsumerStats& stats, const ConsumerRun& run,
                             const Verification* verification) {
    int64_t lag = 0;
    for (auto& [partition, count] : stats.lag) lag += count;
    std::string text = fmt::format(
        "\nConsumer summary\n"
        "  Messages consumed  {}\n"
        "  Messages failed    {}\n"
        "  Messages processed {}\n"
        "  Processing errors  {} (error rate {:.2f} %)\n"
        "  Average rate       {:.1f} msg/s\n"
        "  Average throughput {:.2f} MB/s\n"
        "  Average processing {:.3f} ms\n"
        "  Lag                {} in {} partitions\n"
        "  Total time         {:.1f} s\n",
        stats.messages_consumed, stats.messages_failed, stats.messages_processed,
        stats.processing_errors, stats.error_rate() * 100,
        per_second(stats.messages_consumed, run.seconds),
        mb_per_second(stats.bytes_consumed, run.seconds), stats.avg_processing_time_ms(), lag,
        stats.lag.size(), run.seconds);
    text += "  By type\n";
    for (size_t i = 0; i < message_types; ++i) {
        if (stats.by_type[i] == 0) continue;
        text += fmt::format("    {:<16} {:>12}", name(MessageType(i)), stats.by_type[i]);
        if (stats.alerts[i] > 0) text += fmt::format("  ({} alerts)", stats.alerts[i]);
        text += "\n";
    }
    text += "  By topic\n";
    for (auto& [topic, count] : stats.by_topic) text += fmt::format("    {} {}\n", topic, count);
    if (verification) {
        auto& late = verification->end_to_end_us();
        text += fmt::format(
            "  Verified           {} distinct, {} duplicated; end to end p50 {:.1f} ms, "
            "p99 {:.1f} ms\n",
            verification->distinct(), verification->duplicated(),
            double(late.percentile(50)) / 1000, double(late.percentile(99)) / 1000);
    }
    return text;
}

}  // namespace stoker::load
