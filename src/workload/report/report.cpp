#include "workload/report/report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <utility>

#include "load/wall_time.hpp"

namespace stoker::workload {
namespace {

constexpr auto percents = std::to_array<std::pair<const char*, double>>({{"p50", 50},
                                                                         {"p90", 90},
                                                                         {"p99", 99},
                                                                         {"p999", 99.9},
                                                                         {"p9999", 99.99},
                                                                         {"p99999", 99.999}});

Json slip_json(const load::Histogram& histogram) {
    return {{"p50", histogram.percentile(50)},
            {"p99", histogram.percentile(99)},
            {"p999", histogram.percentile(99.9)},
            {"max", histogram.max()}};
}

Json example_json(const RunResult& result, const Example& example) {
    const size_t partitions = size_t(result.partitions);
    Json json{{"what", name(example.what)},
              {"group", example.group},
              {"topic", result.topics[example.partition / partitions]},
              {"partition", example.partition % partitions},
              {"offset", example.offset}};
    json["producer"] = example.producer;
    json["sequence"] = example.sequence;
    if (example.earlier_offset >= 0) json["earlier_offset"] = example.earlier_offset;
    return json;
}

Json groups_json(const RunResult& result, const Verdict& verdict) {
    const bool is_refused = verdict.refused || verdict.end_to_end_refused;
    Json all = Json::array();
    for (const GroupResult& group : result.groups) {
        Json json{{"consumed", group.consumed}, {"distinct", group.distinct}};
        for (size_t i = 0; i < findings; ++i)
            json[std::string(name(Finding(i)))] = group.counts[i];
        json["unread"] = group.unread;
        json["stored_though_failed"] = group.stored_though_failed;
        json["end_to_end_us"] =
            is_refused ? Json(nullptr) : percentiles_json(group.end_to_end_us);
        all.push_back(std::move(json));
    }
    return all;
}

Json intervals_json(const RunResult& result) {
    Json all = Json::array();
    for (const Interval& one : result.intervals)
        all.push_back({{"start_s", load::rounded(one.start_s, 3)},
                       {"end_s", load::rounded(one.end_s, 3)},
                       {"sent", one.sent},
                       {"acknowledged", one.acknowledged},
                       {"consumed", one.consumed},
                       {"response_p50_us", one.response_us.percentile(50)},
                       {"response_p99_us", one.response_us.percentile(99)},
                       {"response_max_us", one.response_us.max()},
                       {"service_p99_us", one.service_us.percentile(99)}});
    return all;
}

double mb_per_second(const RunResult& result) {
    return result.sent_s > 0 ? double(result.sent.bytes) / result.sent_s / 1e6 : 0;
}

load::Histogram end_to_end(const RunResult& result) {
    load::Histogram all;
    for (const GroupResult& group : result.groups) all.merge(group.end_to_end_us);
    return all;
}

void add_times(Json& json, const RunResult& result, const Verdict& verdict) {
    const Json none = nullptr;
    const bool is_refused = verdict.refused.has_value();
    const SenderStats& sent = result.sent;
    json["response_time_us"] = is_refused ? none : percentiles_json(sent.response_us);
    json["service_time_us"] = is_refused ? none : percentiles_json(sent.service_us);
    json["end_to_end_us"] = is_refused || verdict.end_to_end_refused
                                ? none
                                : percentiles_json(end_to_end(result));
    json["schedule_slip_us"] = slip_json(sent.slip_us);
    json["held_back_us"] = slip_json(sent.held_us);
    json["held_back_s"] = load::rounded(double(sent.held_back_ns) / 1e9, 3);
    json["thread_share"] = {{"producer", load::rounded(result.sender_share, 3)},
                            {"consumer", load::rounded(result.reader_share, 3)},
                            {"library", load::rounded(result.library_share, 3)}};
    json["intervals"] = is_refused ? none : intervals_json(result);
}

std::string times_line(const char* label, const load::Histogram& histogram) {
    std::string line = fmt::format("  {:<16}", label);
    for (const auto& [name, percent] : percents)
        line += fmt::format("{:>10}", shown_us(histogram.percentile(percent)));
    return line + fmt::format("{:>10}\n", shown_us(histogram.max()));
}

std::string findings_text(const RunResult& result) {
    constexpr size_t shown_max = 10;
    std::string text;
    size_t shown = 0;
    for (const GroupResult& group : result.groups) {
        for (const Example& example : group.examples) {
            if (++shown > shown_max) return text + "  … more in --json\n";
            const size_t partitions = size_t(result.partitions);
            text += fmt::format("  {}: {}-{} offset {}, producer {}, sequence {}\n",
                                name(example.what), result.topics[example.partition / partitions],
                                example.partition % partitions, example.offset, example.producer,
                                example.sequence);
        }
    }
    return text;
}

}  // namespace

Json percentiles_json(const load::Histogram& histogram) {
    Json json{{"count", histogram.count()}, {"mean", load::rounded(histogram.mean(), 1)}};
    for (const auto& [name, percent] : percents) json[name] = histogram.percentile(percent);
    json["max"] = histogram.max();
    return json;
}

Json report_json(const Workload& workload, const RunResult& result, const Verdict& verdict) {
    const SenderStats& sent = result.sent;
    Json json{{"workload", result.name},
              {"engine", workload.engine == EngineKind::raw ? "raw" : "librdkafka"},
              {"run_id", fmt::format("{:016x}", result.run_id)},
              {"seed", result.seed},
              {"started", load::iso_time(result.start_wall_ms * 1000)},
              {"duration_s", load::rounded(result.load_s, 3)},
              {"open_loop", result.open_loop},
              {"interrupted", result.interrupted}};
    for (size_t i = 0; i < findings; ++i)
        json[std::string(name(Finding(i)))] = result.count(Finding(i));
    json["sent"] = sent.sent;
    json["acknowledged"] = sent.acknowledged;
    json["failed"] = sent.failed;
    json["unanswered"] = sent.unanswered;
    json["unsent"] = sent.unsent;
    json["aborted"] = sent.aborted;
    json["consumed"] = result.consumed();
    json["messages_per_second"] = load::rounded(result.messages_per_second(), 1);
    json["mb_per_second"] = load::rounded(mb_per_second(result), 3);
    add_times(json, result, verdict);
    json["groups"] = groups_json(result, verdict);
    json["findings"] = Json::array();
    for (const GroupResult& group : result.groups)
        for (const Example& example : group.examples)
            json["findings"].push_back(example_json(result, example));
    json["refused"] = verdict.refused ? Json(*verdict.refused) : Json(nullptr);
    json["end_to_end_refused"] =
        verdict.end_to_end_refused ? Json(*verdict.end_to_end_refused) : Json(nullptr);
    json["topics_kept"] = result.topics_kept ? Json(result.topics) : Json::array();
    json["verdict"] = verdict.sentence;
    json["status"] = int(verdict.status);
    return json;
}

std::string shown_us(int64_t microseconds) {
    if (microseconds < 1000) return fmt::format("{} us", microseconds);
    const double milliseconds = double(microseconds) / 1000;
    if (milliseconds < 1000) return fmt::format("{:.{}f} ms", milliseconds,
                                                  milliseconds < 100 ? 1 : 0);
    return fmt::format("{:.2f} s", milliseconds / 1000);
}

std::string report_text(const RunResult& result, const Verdict& verdict) {
    const SenderStats& sent = result.sent;
    std::string text = fmt::format(
        "{}: {} sent, {} acknowledged, {} consumed in {:.1f} s; {:.0f} messages/s, {:.2f} MB/s\n",
        result.name, sent.sent, sent.acknowledged, result.consumed(), result.total_s,
        result.messages_per_second(), mb_per_second(result));
    text += " ";
    for (size_t i = 0; i < findings; ++i)
        text += fmt::format(" {} {}", name(Finding(i)), result.count(Finding(i)));
    text += fmt::format(" failed {} unsent {}\n", sent.failed + sent.unanswered, sent.unsent);
    if (!verdict.refused) {
        text += fmt::format("  {:<16}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n", "", "p50",
                            "p90", "p99", "p99.9", "p99.99", "p99.999", "max");
        text += times_line(result.open_loop ? "response time" : "(closed loop)", sent.response_us);
        text += times_line("service time", sent.service_us);
        if (!result.groups.empty() && !verdict.end_to_end_refused)
            text += times_line("end to end", end_to_end(result));
        if (verdict.end_to_end_refused)
            text += "  end to end: not reported: " + *verdict.end_to_end_refused + "\n";
    }
    text += times_line("schedule slip", sent.slip_us);
    text += times_line("held back", sent.held_us);
    text += findings_text(result);
    if (result.topics_kept)
        text += fmt::format("  the topics are kept: {}\n", fmt::join(result.topics, ", "));
    return text + verdict.sentence + "\n";
}

}  // namespace stoker::workload
