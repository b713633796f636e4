#include "workload/content/keys.hpp"

#include <algorithm>
#include <cmath>

namespace stoker::workload {

KeyTable::KeyTable(const KeyPlan& plan) {
    if (plan.kind != KeyPlan::Kind::zipf) return;
    sums_.reserve(size_t(plan.count));
    double sum = 0;
    for (int64_t n = 1; n <= plan.count; ++n) {
        sum += 1 / std::pow(double(n), plan.exponent);
        sums_.push_back(sum);
    }
}

int64_t Keys::next(Random64& random) {
    const auto below = [&](int64_t bound) { return int64_t(random.below(uint64_t(bound))); };
    switch (plan_.kind) {
        case KeyPlan::Kind::none: return 0;
        case KeyPlan::Kind::uniform: return below(plan_.count);
        case KeyPlan::Kind::zipf: return zipf(random);
        case KeyPlan::Kind::hot_set:
            if (plan_.hot_keys >= plan_.count || random.unit() < plan_.hot_share)
                return below(std::min(plan_.hot_keys, plan_.count));
            return plan_.hot_keys + below(plan_.count - plan_.hot_keys);
        case KeyPlan::Kind::sequential: return sequential_++ % plan_.count;
    }
    return 0;
}

int64_t Keys::zipf(Random64& random) const {
    const std::vector<double>& sums = table_.sums();
    const double at = random.unit() * sums.back();
    const auto found = std::ranges::upper_bound(sums, at);
    return std::min<int64_t>(found - sums.begin(), plan_.count - 1);
}

}  // namespace stoker::workload
