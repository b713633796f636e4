#include "bench/versus/table.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace stoker::bench {
namespace {

using nlohmann::json;

json estimate_json(const Estimate& estimate) {
    return {{"value", estimate.value}, {"low", estimate.low}, {"high", estimate.high}};
}

std::vector<double> values_of(const std::vector<VersusRound>& rounds, const std::string& subject) {
    std::vector<double> values;
    for (const auto& round : rounds) {
        if (const auto at = round.find(subject); at != round.end()) values.push_back(at->second);
    }
    return values;
}

std::vector<double> ratios_of(const std::vector<VersusRound>& rounds, const std::string& subject,
                              const std::string& peer) {
    std::vector<double> ratios;
    for (const auto& round : rounds) {
        const auto a = round.find(subject), b = round.find(peer);
        // A clock that ticks may have seen nothing.
        if (a == round.end() || b == round.end() || a->second <= 0 || b->second <= 0) continue;
        ratios.push_back(a->second / b->second);
    }
    return ratios;
}

VersusRow::Comparison compared(const VersusFigure& figure, const std::string& peer,
                               const std::vector<double>& ratios) {
    VersusRow::Comparison comparison{.peer = peer, .ratio = estimate_ratio(ratios), .target = {}};
    if (const auto at = figure.targets.find(peer); at != figure.targets.end()) {
        comparison.target = at->second;
        comparison.reached = figure.more_is_better ? comparison.ratio.low >= at->second
                                                   : comparison.ratio.high <= at->second;
    }
    return comparison;
}

std::string text_of(const VersusFigure& figure, const VersusRow::Comparison& comparison) {
    const auto& ratio = comparison.ratio;
    std::string text =
        fmt::format("{} x {:.3g} [{:.3g}, {:.3g}]", comparison.peer, ratio.value, ratio.low,
                    ratio.high);
    if (!comparison.target) return text;
    return text + fmt::format(" {} {:.3g} {}", figure.more_is_better ? ">=" : "<=",
                              *comparison.target, comparison.reached ? "reached" : "MISSED");
}

}  // namespace

VersusRow compare(const VersusFigure& figure, const std::vector<std::string>& subjects,
                  const std::vector<VersusRound>& rounds) {
    VersusRow row{.figure = figure, .sides = {}, .comparisons = {}, .notes = {}};
    for (const auto& subject : subjects) {
        const auto values = values_of(rounds, subject);
        if (values.empty()) continue;
        row.sides.push_back({subject, estimate_median(values), values});
        if (subject == subjects.front()) continue;
        const auto ratios = ratios_of(rounds, subjects.front(), subject);
        if (!ratios.empty()) row.comparisons.push_back(compared(figure, subject, ratios));
    }
    return row;
}

json to_json(const VersusRow& row) {
    json sides = json::array(), comparisons = json::array();
    for (const auto& side : row.sides) {
        sides.push_back({{"name", side.name},
                         {"median", estimate_json(side.median)},
                         {"samples", side.samples}});
    }
    for (const auto& one : row.comparisons) {
        json comparison{
            {"peer", one.peer}, {"ratio", estimate_json(one.ratio)}, {"reached", one.reached}};
        comparison["target"] = one.target ? json(*one.target) : json();
        comparisons.push_back(std::move(comparison));
    }
    return {{"kind", "versus"},
            {"name", row.figure.name},
            {"what", row.figure.what},
            {"unit", row.figure.unit},
            {"at_least", row.figure.more_is_better},
            {"sides", sides},
            {"comparisons", comparisons},
            {"steady", row.steady},
            {"notes", row.notes}};
}

std::string to_text(const std::vector<VersusRow>& rows, const std::vector<std::string>& subjects) {
    std::string text = fmt::format("{:<24} {:<7}", "figure", "unit");
    for (const auto& subject : subjects) text += fmt::format(" {:>13}", subject);
    text += "   compared\n";
    for (const auto& row : rows) {
        text += fmt::format("{:<24} {:<7}", row.figure.name, row.figure.unit);
        for (const auto& subject : subjects) {
            const auto side = std::ranges::find(row.sides, subject, &VersusRow::Side::name);
            if (side == row.sides.end()) text += fmt::format(" {:>13}", "-");
            else text += fmt::format(" {:>13.4g}", side->median.value);
        }
        std::vector<std::string> compared;
        for (const auto& one : row.comparisons) compared.push_back(text_of(row.figure, one));
        text += fmt::format("   {}", fmt::join(compared, "; "));
        if (!row.steady) text += " (the machine was not steady)";
        if (!row.notes.empty()) text += fmt::format(" ({})", fmt::join(row.notes, "; "));
        text += '\n';
    }
    return text;
}

std::vector<size_t> order_of_turn(size_t subjects, size_t turn) {
    std::vector<size_t> order;
    for (size_t i = 0; i < subjects; ++i) order.push_back((turn + i) % subjects);
    return order;
}

}  // namespace stoker::bench
