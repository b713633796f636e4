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
    for (auto& [type, count] : other.by_type) by_type[type] += count;
    for (auto& [type, count] : other.alerts) alerts[type] += count;
    age_us.merge(other.age_us);
    for (auto& [topic, count] : other.by_topic) by_topic[topic] += count;
    for (auto& [partition, count] : other.lag) lag[partition] = count;
    partitions_assigned += other.partitions_assigned;
    consumers_assigned += other.consumers_assigned;
    commits += other.commits;
    failed_commits += other.failed_commits;
    rebalances += other.rebalances;
    connections += other.connections;
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

std::string lag_name(const kafka::TopicPartition& partition) {
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
    json["messages_by_type"] = stats.by_type;
    json["messages_by_topic"] = stats.by_topic;
    json["alerts_by_type"] = stats.alerts;
    json["age_ms"] = milliseconds_json(stats.age_us);
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
        "[{:.0f} s] Messages consommés : {} | Messages échoués : {} | Taux : {:.1f} msg/s | "
        "Débit : {:.2f} MB/s | Messages traités : {} | Taux d'erreur de traitement : {:.2f} % | "
        "Topics actifs : {}\n",
        run.seconds, stats.messages_consumed, stats.messages_failed,
        per_second(stats.messages_consumed, run.seconds),
        mb_per_second(stats.bytes_consumed, run.seconds), stats.messages_processed,
        stats.error_rate() * 100, stats.by_topic.size());
}

namespace {

std::string global_figures(const ConsumerStats& stats, const ConsumerRun& run) {
    int64_t lag = 0;
    for (auto& [partition, count] : stats.lag) lag += count;
    return fmt::format(
        "\nRésumé du consommateur\n"
        "  Statistiques globales\n"
        "    Messages consommés    {}\n"
        "    Messages échoués      {}\n"
        "    Messages traités      {}\n"
        "    Erreurs de traitement {} (taux d'erreur {:.2f} %)\n"
        "    Taux moyen            {:.1f} msg/s\n"
        "    Débit moyen           {:.2f} MB/s\n"
        "    Temps moyen           {:.3f} ms par message\n"
        "    Âge des messages      p50 {:.1f} ms, p99 {:.1f} ms\n"
        "    Lag                   {} messages dans {} partitions\n"
        "    Durée totale          {:.1f} s\n",
        stats.messages_consumed, stats.messages_failed, stats.messages_processed,
        stats.processing_errors, stats.error_rate() * 100,
        per_second(stats.messages_consumed, run.seconds),
        mb_per_second(stats.bytes_consumed, run.seconds), stats.avg_processing_time_ms(),
        double(stats.age_us.percentile(50)) / 1000, double(stats.age_us.percentile(99)) / 1000, lag,
        stats.lag.size(), run.seconds);
}

}  // namespace

std::string consumer_summary(const ConsumerStats& stats, const ConsumerRun& run,
                             const Verification* verification) {
    std::string text = global_figures(stats, run);
    text += "  Répartition par type de message\n";
    for (auto& [type, count] : stats.by_type) {
        text += fmt::format("    {:<16} {:>12}", type, count);
        auto alerts = stats.alerts.find(type);
        if (alerts != stats.alerts.end()) text += fmt::format("  ({} alertes)", alerts->second);
        text += "\n";
    }
    text += "  Répartition par topic\n";
    for (auto& [topic, count] : stats.by_topic) text += fmt::format("    {} {}\n", topic, count);
    if (verification) {
        auto& late = verification->end_to_end_us();
        text += fmt::format(
            "  Vérification            {} distincts, {} en double ; de bout en bout p50 {:.1f} ms, "
            "p99 {:.1f} ms\n",
            verification->distinct(), verification->duplicated(),
            double(late.percentile(50)) / 1000, double(late.percentile(99)) / 1000);
    }
    return text;
}

}  // namespace stoker::load
