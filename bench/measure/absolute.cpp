#include "bench/measure/absolute.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace stoker::bench {
namespace {

using Round = std::vector<std::vector<double>>;

struct WatchedRound {
    Round samples;
    bool steady = true;
};

WatchedRound run_round(const AbsoluteCase& absolute_case, const RunOptions& options) {
    const Watch watch(options.folder, false);
    WatchedRound round;
    round.samples = in_fresh_folder(options.folder / "block", absolute_case.measure);
    if (round.samples.size() != absolute_case.figures.size()) {
        throw std::logic_error(absolute_case.name + " did not measure all of its figures");
    }
    const Disturbance disturbance = watch.end();
    round.steady = !absolute_case.timed || options.tolerance.allows(disturbance);
    for (size_t i = 0; options.progress && i < round.samples.size(); ++i) {
        const Figure& figure = absolute_case.figures[i];
        options.progress(fmt::format(
            "{}: {:.4g} {}{}", figure.name, median(round.samples[i]), figure.unit,
            round.steady ? "" : fmt::format(" (unsteady: steal {:.1f} %)",
                                            disturbance.stolen * 100)));
    }
    return round;
}

void add(AbsoluteResult& result, const Round& round) {
    result.series.resize(round.size());
    for (size_t i = 0; i < round.size(); ++i) {
        auto& samples = result.series[i].samples;
        samples.insert(samples.end(), round[i].begin(), round[i].end());
    }
}

}  // namespace

AbsoluteResult run_absolute(const AbsoluteCase& absolute_case, const RunOptions& options) {
    AbsoluteResult result;
    std::vector<Round> unsteady;
    const int wanted = options.quick ? absolute_case.rounds_quick : absolute_case.rounds;
    int counting = 0;
    for (int i = 0; i < wanted * options.attempts_factor && counting < wanted; ++i) {
        const WatchedRound round = run_round(absolute_case, options);
        if (!round.steady) {
            unsteady.push_back(round.samples);
            continue;
        }
        add(result, round.samples);
        ++counting;
    }
    result.all_steady = counting == wanted;
    for (; counting < wanted && !unsteady.empty(); ++counting) {
        add(result, unsteady.back());
        unsteady.pop_back();
    }
    result.rounds_repeated = static_cast<int>(unsteady.size());
    for (size_t i = 0; i < result.series.size(); ++i) {
        auto& series = result.series[i];
        series.median = estimate_median(series.samples);
        series.reached = series.median.high <= absolute_case.figures[i].target;
    }
    return result;
}

}  // namespace stoker::bench
