#include "workload/compare/compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <iterator>
#include <sstream>

#include "workload/ledger/group_ledger.hpp"
#include "workload/random64.hpp"

namespace stoker::workload {
namespace {

using load::Json;

constexpr int draws = 2000;
/// Shorter stretches, at a run's end, say little.
constexpr double interval_s_min = 0.5;
/// Fewer seconds give no interval that means anything.
constexpr size_t samples_min = 5;
constexpr std::array<std::string_view, 4> judgements{"same", "better", "worse", "unclear"};

void add_interval(const Json& one, double load_s, Samples& samples) {
    const double start_s = one.at("start_s").get<double>();
    const double length_s = one.at("end_s").get<double>() - start_s;
    const double acknowledged = one.at("acknowledged").get<double>();
    if (length_s < interval_s_min || start_s >= load_s) return;
    samples.messages_per_second.push_back(acknowledged / length_s);
    // A second without an answer has no response time, and shows in the rate.
    if (acknowledged <= 0) return;
    samples.response_p50_us.push_back(one.at("response_p50_us").get<double>());
    samples.response_p99_us.push_back(one.at("response_p99_us").get<double>());
}

void add_report(const Json& report, Samples& samples) {
    ++samples.runs;
    // What a good run has of these is as it should be: redelivered where readers come and go.
    const bool is_good = report.at("status").get<int>() == 0;
    for (size_t i = 0; i < findings && !is_good; ++i)
        samples.findings += report.at(std::string(name(Finding(i)))).get<int64_t>();
    for (const char* unacknowledged : {"failed", "unanswered", "unsent"})
        samples.findings += report.at(unacknowledged).get<int64_t>();
    for (const Json& one : report.at("intervals"))
        add_interval(one, report.at("duration_s").get<double>(), samples);
}

double median(std::vector<double>& values) {
    const auto middle = values.begin() + std::ptrdiff_t(values.size() / 2);
    std::ranges::nth_element(values, middle);
    return *middle;
}

double redrawn_median(const std::vector<double>& values, Random64& random) {
    std::vector<double> drawn(values.size());
    for (double& one : drawn) one = values[random.below(values.size())];
    return median(drawn);
}

double percent(double a, double b) { return a > 0 ? 100 * (b - a) / a : 0; }

Judgement judge(const Difference& one, bool more_is_better, double tolerance) {
    const double sign = more_is_better ? 1 : -1;
    const double good_low = sign > 0 ? one.low : -one.high;
    const double good_high = sign > 0 ? one.high : -one.low;
    if (good_high < -tolerance) return Judgement::worse;
    if (good_low > tolerance) return Judgement::better;
    const bool within = good_low >= -tolerance && good_high <= tolerance;
    return within ? Judgement::same : Judgement::unclear;
}

Difference difference(std::string_view metric, std::vector<double> a, std::vector<double> b,
                      bool more_is_better, const CompareOptions& options) {
    Difference one{.metric = metric};
    if (a.size() < samples_min || b.size() < samples_min) {
        one.judgement = Judgement::unclear;
        return one;
    }
    Random64 random(options.seed);
    std::vector<double> changes;
    for (int i = 0; i < draws; ++i) {
        const double of_a = redrawn_median(a, random);
        changes.push_back(percent(of_a, redrawn_median(b, random)));
    }
    std::ranges::sort(changes);
    const double outside = (1 - options.confidence) / 2;
    one.low = changes[size_t(outside * (draws - 1))];
    one.high = changes[size_t((1 - outside) * (draws - 1))];
    one.a = median(a);
    one.b = median(b);
    one.change = percent(one.a, one.b);
    one.judgement = judge(one, more_is_better, options.tolerance);
    return one;
}

}  // namespace

std::string_view name(Judgement judgement) { return judgements[size_t(judgement)]; }

std::expected<Samples, std::string> samples_of(std::string_view text, const std::string& name) {
    Samples samples;
    std::istringstream lines{std::string(text)};
    size_t number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (!line.starts_with('{')) continue;
        try {
            const Json report = Json::parse(line);
            if (report.at("intervals").is_null())
                return std::unexpected(fmt::format(
                    "{}:{}: a report without times: the generator was the bottleneck", name,
                    number));
            const auto workload = report.at("workload").get<std::string>();
            if (samples.runs > 0 && workload != samples.workload)
                return std::unexpected(fmt::format("{}:{}: a run of {}, and those before it are of "
                                                   "{}",
                                                   name, number, workload, samples.workload));
            samples.workload = workload;
            add_report(report, samples);
        } catch (const Json::exception&) {
            return std::unexpected(fmt::format("{}:{}: no report of stoker load run --json", name,
                                               number));
        }
    }
    if (samples.runs == 0) return std::unexpected(name + ": no report of stoker load run --json");
    return samples;
}

std::expected<Samples, std::string> read_samples(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (!file.is_open() || file.bad())
        return std::unexpected("The file " + path + " cannot be read.");
    return samples_of(text, path);
}

std::vector<Difference> compare(const Samples& a, const Samples& b, const CompareOptions& options) {
    return {difference("messages_per_second", a.messages_per_second, b.messages_per_second, true,
                       options),
            difference("response_p50_us", a.response_p50_us, b.response_p50_us, false, options),
            difference("response_p99_us", a.response_p99_us, b.response_p99_us, false, options)};
}

bool is_worse(const Samples& a, const Samples& b, const std::vector<Difference>& differences) {
    return (a.findings == 0 && b.findings > 0) ||
           std::ranges::any_of(differences, [](const Difference& one) {
               return one.judgement == Judgement::worse;
           });
}

Json compare_json(const std::vector<Difference>& differences, bool worse) {
    Json json{{"worse", worse}, {"metrics", Json::array()}};
    for (const Difference& one : differences)
        json["metrics"].push_back({{"metric", one.metric},
                                   {"a", load::rounded(one.a, 1)},
                                   {"b", load::rounded(one.b, 1)},
                                   {"change_percent", load::rounded(one.change, 2)},
                                   {"low_percent", load::rounded(one.low, 2)},
                                   {"high_percent", load::rounded(one.high, 2)},
                                   {"judgement", name(one.judgement)}});
    return json;
}

std::string compare_text(const std::vector<Difference>& differences) {
    std::string text = fmt::format("{:<22}{:>12}{:>12}{:>10}{:>24}  {}\n", "median of seconds", "A",
                                   "B", "change", "confidence", "");
    for (const Difference& one : differences)
        text += fmt::format("{:<22}{:>12.1f}{:>12.1f}{:>+9.1f}%{:>24}  {}\n", one.metric, one.a,
                            one.b, one.change,
                            fmt::format("{:+.1f}% … {:+.1f}%", one.low, one.high),
                            name(one.judgement));
    return text;
}

}  // namespace stoker::workload
