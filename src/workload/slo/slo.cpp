#include "workload/slo/slo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "workload/file/mapping.hpp"
#include "workload/report/report.hpp"

namespace stoker::workload {
namespace {

using load::Json;

std::string without_blanks(std::string_view text) {
    std::string out;
    for (char c : text)
        if (c != ' ') out += c;
    return out;
}

/// A rate that the cluster or the service level does not take; anything else is no answer.
bool is_answer(const SloTrial& trial) {
    return trial.held || trial.verdict.status == Status::good || trial.verdict.fell_behind;
}

}  // namespace

std::expected<Slo, std::string> parse_slo(std::string_view text) {
    const std::string plain = without_blanks(text);
    const auto wrong = [&] {
        return std::unexpected(fmt::format(
            "--slo '{}': write a percentile and a limit, as in 'p99<20ms'", text));
    };
    const size_t less = plain.find('<');
    if (!plain.starts_with('p') || less == std::string::npos) return wrong();
    Slo slo{.text = plain};
    const char* end = plain.data() + less;
    const auto read = std::from_chars(plain.data() + 1, end, slo.percentile);
    const auto limit = parse_time(std::string_view(plain).substr(less + 1));
    const bool in_range = slo.percentile > 0 && slo.percentile <= 100;
    if (read.ec != std::errc() || read.ptr != end || !in_range || !limit) return wrong();
    slo.limit = std::chrono::duration_cast<std::chrono::microseconds>(*limit);
    if (slo.limit.count() <= 0) return wrong();
    return slo;
}

Status SloResult::status() const {
    if (!failure.empty()) return Status::failed;
    if (highest_rate > 0) return Status::good;
    return generator_limit.empty() ? Status::not_reached : Status::no_report;
}

SloResult search_rate(const SloOptions& options, const TryRate& run) {
    SloResult result;
    double low = 0;
    double high = 0;
    double rate = options.start_rate;
    while (rate <= options.rate_max) {
        auto trial = run(rate);
        if (!trial) {
            result.failure = trial.error();
            return result;
        }
        result.trials.push_back(*trial);
        if (trial->held) {
            result.highest_rate = low = rate;
        } else if (trial->verdict.status == Status::no_report) {
            // Faster than the generator: what lies above is not known.
            result.generator_limit = trial->verdict.sentence;
            return result;
        } else if (is_answer(*trial)) {
            high = rate;
            result.bounded = true;
        } else {
            result.failure = trial->verdict.sentence;
            return result;
        }
        const bool is_near = high > 0 && (high - low) <= options.precision * high;
        if (is_near || (high > 0 && high <= 1)) return result;
        rate = high > 0 ? (low + high) / 2 : rate * 2;
    }
    return result;
}

SloTrial slo_trial(const Slo& slo, double rate, const Workload& workload, const RunResult& result) {
    SloTrial trial{.rate = rate, .verdict = judge(workload, result)};
    trial.percentile_us = result.sent.response_us.percentile(slo.percentile);
    trial.held =
        trial.verdict.status == Status::good && trial.percentile_us < slo.limit.count();
    return trial;
}

Json slo_json(const Slo& slo, const SloResult& result) {
    Json json{{"slo", slo.text},
              {"highest_rate", load::rounded(result.highest_rate, 1)},
              {"bounded", result.bounded},
              {"status", int(result.status())},
              {"trials", Json::array()}};
    for (const SloTrial& trial : result.trials) {
        const bool has_time = trial.verdict.status != Status::no_report;
        json["trials"].push_back({{"rate", load::rounded(trial.rate, 1)},
                                  {"held", trial.held},
                                  {"response_us", has_time ? Json(trial.percentile_us) : Json()},
                                  {"verdict", trial.verdict.sentence}});
    }
    return json;
}

std::string slo_text(const Slo& slo, const SloResult& result) {
    if (!result.failure.empty()) return result.failure + "\n";
    if (result.status() == Status::no_report) return result.generator_limit + "\n";
    if (result.highest_rate <= 0) return "no rate was found that keeps " + slo.text + "\n";
    return fmt::format("{} holds up to {:.0f} messages/s{}\n", slo.text, result.highest_rate,
                       result.bounded ? "" : ", and perhaps beyond: the generator was no faster");
}

}  // namespace stoker::workload
