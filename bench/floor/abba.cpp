#include "bench/floor/abba.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "bench/floor/machine.hpp"

namespace stoker::bench {
namespace {

namespace fs = std::filesystem;

Block run_block(const std::function<Block(const fs::path&)>& measure, const fs::path& folder) {
    fs::remove_all(folder);
    fs::create_directories(folder);
    settle_disk(folder);
    const Block block = measure(folder);
    fs::remove_all(folder);
    return block;
}

Pair run_pair(const WireCase& wire_case, const AbbaOptions& options, bool a_first) {
    const fs::path folder = options.folder / "block";
    settle_disk(options.folder);
    const auto steal = steal_time();
    const auto control = measure_control(options.folder);
    Pair pair;
    if (a_first) pair.a = run_block(wire_case.a, folder);
    pair.b = run_block(wire_case.b, folder);
    if (!a_first) pair.a = run_block(wire_case.a, folder);
    settle_disk(options.folder);
    const double change = moved(control, measure_control(options.folder));
    const double stolen = stolen_share(steal, steal_time());
    pair.steady = stolen <= options.steal_max && change <= options.control_move_max;
    if (options.progress) {
        options.progress(fmt::format("{}: {:.1f} / {:.1f} {} = {:.3f}{}", wire_case.name,
                                     pair.a.value, pair.b.value, wire_case.unit, pair.ratio(),
                                     pair.steady ? "" : fmt::format(" (unsteady: control {:.0f} %,"
                                                                    " steal {:.1f} %)",
                                                                    change * 100, stolen * 100)));
    }
    return pair;
}

}  // namespace

double median_of(const CaseResult& result, Block Pair::*side, double Block::*figure) {
    std::vector<double> values;
    for (const Pair& pair : result.pairs) values.push_back(pair.*side.*figure);
    return median(std::move(values));
}

CaseResult run_abba(const WireCase& wire_case, const AbbaOptions& options) {
    CaseResult result;
    std::vector<Pair> unsteady;
    const auto wanted = static_cast<size_t>(options.pairs);
    run_pair(wire_case, options, true);
    for (int i = 0; i < options.pairs * options.attempts_factor; ++i) {
        if (result.pairs.size() == wanted) break;
        const Pair pair = run_pair(wire_case, options, i % 2 == 1);
        (pair.steady ? result.pairs : unsteady).push_back(pair);
    }
    result.all_steady = result.pairs.size() == wanted;
    while (result.pairs.size() < wanted && !unsteady.empty()) {
        result.pairs.push_back(unsteady.back());
        unsteady.pop_back();
    }
    result.repeated = static_cast<int>(unsteady.size());
    std::vector<double> ratios;
    for (const Pair& pair : result.pairs) ratios.push_back(pair.ratio());
    result.ratio = estimate_ratio(ratios);
    result.reached = wire_case.at_least ? result.ratio.low >= wire_case.target
                                        : result.ratio.high <= wire_case.target;
    return result;
}

}  // namespace stoker::bench
