#include "exporter/offset_times.hpp"

#include <algorithm>

namespace stoker::exporter {
namespace {

constexpr double ms_a_second = 1000;

}  // namespace

void OffsetTimes::add(int64_t at_ms, int64_t end) {
    if (!points_.empty() && end < points_.back().end) points_.clear();
    // Where nothing came for long, the first and the last point say it all.
    const size_t count = points_.size();
    if (count >= 2 && points_[count - 1].end == end && points_[count - 2].end == end)
        points_.pop_back();
    points_.push_back({at_ms, end});
    if (points_.size() > points_max) points_.pop_front();
}

std::optional<double> OffsetTimes::lag_seconds(int64_t offset, int64_t now_ms) const {
    if (points_.empty()) return std::nullopt;
    if (offset >= points_.back().end) return 0;
    // The first point behind which the record lies no more.
    const auto after = std::ranges::upper_bound(points_, offset, {}, &Point::end);
    Point from = points_.front();
    Point to = points_.back();
    if (after != points_.begin()) {
        from = *(after - 1);
        to = *after;
    }
    if (to.end == from.end) return std::nullopt;
    const double pace = double(to.at_ms - from.at_ms) / double(to.end - from.end);
    const double written_ms = double(from.at_ms) + double(offset - from.end) * pace;
    return std::max(0.0, (double(now_ms) - written_ms) / ms_a_second);
}

}  // namespace stoker::exporter
