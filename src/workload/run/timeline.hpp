// Timeline: a run cut into seconds, for plots and for those who watch.
#pragma once

#include <cstdint>
#include <vector>

#include "workload/run/run.hpp"

namespace stoker::workload {

/// One thread.
class Timeline {
public:
    explicit Timeline(int64_t start_ns) : start_ns_(start_ns), last_ns_(start_ns) {}

    bool is_due(int64_t now_ns) const { return now_ns - last_ns_ >= interval_ns; }
    /// From the totals so far. The reference lasts until the next call.
    const Interval& add(int64_t now_ns, const SenderStats& sent, int64_t consumed);
    /// All of them, the rest since the last one included.
    std::vector<Interval> take(int64_t now_ns, const SenderStats& sent, int64_t consumed);

    static constexpr int64_t interval_ns = 1'000'000'000;
    /// Each has two histograms, of up to a quarter of a megabyte when answers take minutes: pairs
    /// of intervals are joined beyond so many.
    static constexpr size_t intervals_max = 1200;

private:
    int64_t start_ns_;
    int64_t last_ns_;
    SenderStats before_;
    int64_t consumed_before_ = 0;
    std::vector<Interval> intervals_;
};

}  // namespace stoker::workload
