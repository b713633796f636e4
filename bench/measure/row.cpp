#include "bench/measure/row.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace stoker::bench {
namespace {

using nlohmann::json;

/// From here on a thread, or all cores, count as busy all the time.
constexpr double thread_busy = 0.95;
constexpr double cores_busy = 0.93;

json estimate_json(const Estimate& estimate) {
    return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

json side_json(const RatioCase& ratio_case, const RatioResult& result, Block Pair::*side) {
    const auto middle = [&](double Block::*figure) {
        return median(values_of(result, side, figure));
    };
    json blocks = {{"median", middle(&Block::value)},
                   {"cpu_us_per_" + ratio_case.work, middle(&Block::cpu_us)},
                   {"cpu_s_per_gb", middle(&Block::cpu_s_per_gb)},
                   {"peak_memory_mib", middle(&Block::memory_mib)},
                   {"server_cores", middle(&Block::server_cores)},
                   {"client_cores", middle(&Block::client_cores)}};
    blocks["name"] = side == &Pair::a ? ratio_case.subject : ratio_case.peer;
    return blocks;
}

json pairs_json(const RatioResult& result) {
    json pairs = json::array();
    for (const Pair& pair : result.pairs) {
        pairs.push_back({{"subject", pair.a.value},
                         {"peer", pair.b.value},
                         {"stolen", pair.disturbance.stolen},
                         {"control_moved", pair.disturbance.control_moved},
                         {"steady", pair.steady},
                         {"counts", pair.counts}});
    }
    return pairs;
}

/// Who was it that could do no more?
std::vector<std::string> limits(const RatioCase& ratio_case, const RatioResult& result) {
    std::vector<std::string> notes;
    if (ratio_case.client_spins) return notes;
    const double client = median(values_of(result, &Pair::a, &Block::client_cores));
    const double server = median(values_of(result, &Pair::a, &Block::server_cores));
    const double cores = std::thread::hardware_concurrency();
    if (ratio_case.one_client_thread && client > thread_busy) {
        notes.push_back("the client is the limit");
    }
    if (client + server > cores_busy * cores) {
        notes.push_back(fmt::format("all cores busy: server {:.2f}, client {:.2f} of {}", server,
                                    client, cores));
    }
    return notes;
}

std::vector<std::string> steadiness(const RatioResult& result) {
    const auto steady = std::ranges::count_if(result.pairs, &Pair::steady);
    const auto all = std::ranges::ssize(result.pairs);
    if (steady == all) return {};
    return {fmt::format("{} of {} pairs were not steady; over all of them {:.3f}", all - steady,
                        all, result.ratio_of_all.value)};
}

Row on_the_way(const RatioCase::OnTheWay& aside, const RatioResult& result) {
    const Estimate estimate = estimate_median(values_of(result, &Pair::a, aside.value));
    return {.name = aside.figure.name,
            .what = aside.figure.what,
            .unit = aside.figure.unit,
            .figure = estimate,
            .target = aside.figure.target,
            .reached = estimate.high <= aside.figure.target,
            .steady = result.all_steady,
            .details = {{"samples", values_of(result, &Pair::a, aside.value)}}};
}

std::string measured(const std::optional<Row::Side>& side, const std::string& unit) {
    return side ? fmt::format("{:.4g} {}", side->median, unit) : "";
}

}  // namespace

std::vector<Row> rows_of(const RatioCase& ratio_case, const RatioResult& result) {
    const auto middle = [&](Block Pair::*side) {
        return median(values_of(result, side, &Block::value));
    };
    Row row{.name = ratio_case.name,
            .what = ratio_case.what,
            .unit = ratio_case.unit,
            .subject = Row::Side{ratio_case.subject, middle(&Pair::a)},
            .peer = Row::Side{ratio_case.peer, middle(&Pair::b)},
            .figure = result.ratio,
            .target = ratio_case.target,
            .at_least = ratio_case.at_least,
            .reached = result.reached,
            .steady = result.all_steady,
            .notes = limits(ratio_case, result),
            .details = {{"subject", side_json(ratio_case, result, &Pair::a)},
                        {"peer", side_json(ratio_case, result, &Pair::b)},
                        {"ratio_of_all", estimate_json(result.ratio_of_all)},
                        {"pairs", pairs_json(result)}}};
    for (auto& note : steadiness(result)) row.notes.push_back(std::move(note));
    std::vector<Row> rows{std::move(row)};
    for (const auto& aside : ratio_case.on_the_way) rows.push_back(on_the_way(aside, result));
    return rows;
}

std::vector<Row> rows_of(const AbsoluteCase& absolute_case, const AbsoluteResult& result) {
    std::vector<Row> rows;
    for (size_t i = 0; i < result.series.size(); ++i) {
        const Figure& figure = absolute_case.figures[i];
        const auto& series = result.series[i];
        Row row{.name = figure.name,
                .what = figure.what,
                .unit = figure.unit,
                .figure = series.median,
                .target = figure.target,
                .reached = series.reached,
                .steady = result.all_steady,
                .details = {{"samples", series.samples}}};
        if (result.rounds_repeated > 0) {
            row.notes.push_back(
                fmt::format("{} rounds repeated: not steady", result.rounds_repeated));
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

json to_json(const Row& row) {
    json object = row.details;
    object.update({{"name", row.name},
                   {"what", row.what},
                   {"unit", row.unit},
                   {"kind", row.subject ? "ratio" : "absolute"},
                   {"figure", estimate_json(row.figure)},
                   {"target", row.target},
                   {"at_least", row.at_least},
                   {"reached", row.reached},
                   {"steady", row.steady},
                   {"notes", row.notes}});
    return object;
}

std::string to_text(const std::vector<Row>& rows) {
    std::string text = fmt::format("{:<15} {:>14} {:>14} {:>9} {:<17} {:<8} {:<8}\n", "case",
                                   "measured", "peer", "figure", "95 %", "target", "");
    for (const Row& row : rows) {
        const auto value = row.subject ? measured(row.subject, row.unit)
                                       : fmt::format("{:.4g} {}", row.figure.value, row.unit);
        text += fmt::format("{:<15} {:>14} {:>14} {:>9.3f} {:<17} {} {:<5} {:<8}", row.name, value,
                            measured(row.peer, row.unit), row.figure.value,
                            fmt::format("[{:.3f}, {:.3f}]", row.figure.low, row.figure.high),
                            row.at_least ? ">=" : "<=", row.target,
                            row.reached ? "reached" : "missed");
        if (!row.steady) text += " (the machine was not steady)";
        if (!row.notes.empty()) text += fmt::format(" ({})", fmt::join(row.notes, "; "));
        text += '\n';
    }
    return text;
}

}  // namespace stoker::bench
