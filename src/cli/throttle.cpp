#include "cli/throttle.hpp"

namespace stoker::cli {
namespace {

constexpr double ns_per_s = 1e9;
constexpr double sleep_min_ns = 2'000'000;

}  // namespace

int64_t Throttle::pause_ns(int64_t sent, int64_t now_ns) const {
    if (!limits()) return 0;
    const double due_ns = double(sent) * ns_per_s / per_second_;
    const double left_ns = due_ns - double(now_ns - start_ns_);
    if (left_ns < sleep_min_ns) return 0;
    return left_ns < double(INT64_MAX) ? int64_t(left_ns) : INT64_MAX;
}

}  // namespace stoker::cli
