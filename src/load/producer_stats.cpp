#include "load/producer_stats.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "load/wall_time.hpp"

namespace stoker::load {

void ProducerStats::merge(const ProducerStats& other) {
    messages_queued += other.messages_queued;
    messages_sent += other.messages_sent;
    messages_failed += other.messages_failed;
    bytes_sent += other.bytes_sent;
    messages_late += other.messages_late;
    messages_unsent += other.messages_unsent;
    lateness_max_us = std::max(lateness_max_us, other.lateness_max_us);
    blocked_ns += other.blocked_ns;
    silence_max_us = std::max(silence_max_us, other.silence_max_us);
    processor_ns_max = std::max(processor_ns_max, other.processor_ns_max);
    ack_us.merge(other.ack_us);
    topics_created.insert(other.topics_created.begin(), other.topics_created.end());
    if (!other.last_error.empty()) last_error = other.last_error;
}

Json producer_json(const ProducerStats& stats, const ProducerRun& run) {
    Json json;
    json["messages_sent"] = stats.messages_sent;
    json["messages_failed"] = stats.messages_failed;
    json["bytes_sent"] = stats.bytes_sent;
    json["start_time"] = iso_time(run.start_wall_us);
    json["duration_seconds"] = rounded(run.seconds, 3);
    json["messages_per_second"] = rounded(per_second(stats.messages_sent, run.seconds), 1);
    json["mb_per_second"] = rounded(mb_per_second(stats.bytes_sent, run.seconds), 3);
    json["topics"] = stats.topics_created;
    json["topics_created"] = stats.topics_created;
    json["ack_ms"] = milliseconds_json(stats.ack_us);
    json["messages_late"] = stats.messages_late;
    json["messages_unsent"] = stats.messages_unsent;
    json["lateness_max_ms"] = rounded(double(stats.lateness_max_us) / 1000, 3);
    json["run_id"] = run_name(run.run_id);
    json["seed"] = run.seed;
    return json;
}

Json producer_progress_json(const ProducerStats& stats, const ProducerRun& run,
                            const Histogram& recent_ack_us) {
    Json json;
    json["t"] = rounded(run.seconds, 1);
    json["sent"] = stats.messages_queued;
    json["acked"] = stats.messages_sent;
    json["failed"] = stats.messages_failed;
    json["bytes"] = stats.bytes_sent;
    json["late"] = stats.messages_late;
    json["p99_ms"] = rounded(double(recent_ack_us.percentile(99)) / 1000, 3);
    json["run_id"] = run_name(run.run_id);
    return json;
}

std::string producer_report(const ProducerStats& stats, const ProducerRun& run) {
    return fmt::format(
        "[{:.0f} s] Messages envoyés : {} | Messages échoués : {} | Taux : {:.1f} msg/s | "
        "Débit : {:.2f} MB/s | Topics utilisés : {} | Acquittement p99 : {:.1f} ms\n",
        run.seconds, stats.messages_sent, stats.messages_failed,
        per_second(stats.messages_sent, run.seconds), mb_per_second(stats.bytes_sent, run.seconds),
        stats.topics_created.size(), double(stats.ack_us.percentile(99)) / 1000);
}

std::string producer_summary(const ProducerStats& stats, const ProducerRun& run) {
    auto ms = [&](double percent) { return double(stats.ack_us.percentile(percent)) / 1000; };
    std::string text = fmt::format(
        "\nRésumé du producteur\n"
        "  Messages envoyés    {}\n"
        "  Messages échoués    {}\n"
        "  Taux moyen          {:.1f} msg/s\n"
        "  Débit moyen         {:.2f} MB/s\n"
        "  Durée totale        {:.1f} s\n"
        "  Acquittement        p50 {:.1f} ms, p99 {:.1f} ms, p99.9 {:.1f} ms, max {:.1f} ms "
        "(depuis l'instant d'envoi prévu)\n",
        stats.messages_sent, stats.messages_failed, per_second(stats.messages_sent, run.seconds),
        mb_per_second(stats.bytes_sent, run.seconds), run.seconds, ms(50), ms(99), ms(99.9),
        double(stats.ack_us.max()) / 1000);
    if (stats.messages_late > 0 || stats.messages_unsent > 0)
        text += fmt::format(
            "  En retard           {} messages (au plus {:.1f} ms), {} jamais envoyés\n",
            stats.messages_late, double(stats.lateness_max_us) / 1000, stats.messages_unsent);
    text += fmt::format("  Topics utilisés     {}\n", stats.topics_created.size());
    for (auto& topic : stats.topics_created) text += fmt::format("    {}\n", topic);
    return text;
}

std::string run_name(uint64_t run_id) {
    return fmt::format("{:016x}", run_id);
}

double per_second(int64_t count, double seconds) {
    return seconds > 0 ? double(count) / seconds : 0;
}

double mb_per_second(int64_t bytes, double seconds) {
    return per_second(bytes, seconds) / 1e6;
}

}  // namespace stoker::load
