#include "cli/throttle.hpp"

namespace stoker::cli {
namespace {

constexpr double sleep_min_ns = 2'000'000;

}  // namespace

int64_t Throttle::pause_ns(int64_t so_far, int64_t now_ms) {
    if (per_second_ < 0) return 0;
    const double elapsed_s = double(now_ms - start_ms_) / 1000.0;
    if (elapsed_s <= 0 || double(so_far) / elapsed_s <= per_second_) return 0;
    if (per_second_ == 0) return INT64_MAX;
    deficit_ns_ += step_ns_;
    return deficit_ns_ < sleep_min_ns ? 0 : int64_t(deficit_ns_);
}

}  // namespace stoker::cli
