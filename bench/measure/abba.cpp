#include "bench/measure/abba.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace stoker::bench {
namespace {

Pair run_pair(const RatioCase& ratio_case, const RunOptions& options, bool a_first) {
    const auto folder = options.folder / "block";
    const Watch watch(options.folder);
    Pair pair;
    if (a_first) pair.a = in_fresh_folder(folder, ratio_case.a);
    pair.b = in_fresh_folder(folder, ratio_case.b);
    if (!a_first) pair.a = in_fresh_folder(folder, ratio_case.a);
    pair.disturbance = watch.end();
    pair.steady = options.tolerance.allows(pair.disturbance);
    if (options.progress) {
        options.progress(fmt::format(
            "{}: {:.4g} / {:.4g} {} = {:.3f}{}", ratio_case.name, pair.a.value, pair.b.value,
            ratio_case.unit, pair.ratio(),
            pair.steady ? ""
                        : fmt::format(" (unsteady: control {:.0f} %, steal {:.1f} %)",
                                      pair.disturbance.control_moved * 100,
                                      pair.disturbance.stolen * 100)));
    }
    return pair;
}

std::vector<double> ratios_of(const std::vector<Pair>& pairs, bool only_counting) {
    std::vector<double> ratios;
    for (const Pair& pair : pairs) {
        if (pair.counts || !only_counting) ratios.push_back(pair.ratio());
    }
    return ratios;
}

}  // namespace

std::vector<double> values_of(const RatioResult& result, Block Pair::*side,
                              double Block::*figure) {
    std::vector<double> values;
    for (const Pair& pair : result.pairs) {
        if (pair.counts) values.push_back(pair.*side.*figure);
    }
    return values;
}

RatioResult run_abba(const RatioCase& ratio_case, const RunOptions& options) {
    RatioResult result;
    int counting = 0;
    run_pair(ratio_case, options, true);
    for (int i = 0; i < options.pairs * options.attempts_factor && counting < options.pairs; ++i) {
        Pair pair = run_pair(ratio_case, options, i % 2 == 1);
        pair.counts = pair.steady;
        counting += pair.counts ? 1 : 0;
        result.pairs.push_back(pair);
    }
    result.all_steady = counting == options.pairs;
    // The latest of the others make up the number.
    for (auto pair = result.pairs.rbegin(); pair != result.pairs.rend(); ++pair) {
        if (counting == options.pairs) break;
        if (pair->counts) continue;
        pair->counts = true;
        ++counting;
    }
    result.ratio = estimate_ratio(ratios_of(result.pairs, true));
    result.ratio_of_all = estimate_ratio(ratios_of(result.pairs, false));
    result.reached = ratio_case.at_least ? result.ratio.low >= ratio_case.target
                                         : result.ratio.high <= ratio_case.target;
    return result;
}

}  // namespace stoker::bench
