// Histogram: how long things took, with three significant digits from one to any size, in counters
// whose place is computed by HdrHistogram's bucket rule (hdrhistogram.org): 2,048 counters of width
// 1, then 1,024 of width 2, of width 4 and so on. Recording costs a shift; merging is exact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stoker::load {

class Histogram {
public:
    /// Values above are recorded as this one: an hour, when the unit is a microsecond.
    static constexpr int64_t value_max = 3'600'000'000;

    /// More counters than any value needs.
    static constexpr size_t counters_max = 1 << 16;

    /// A negative value counts as 0: two clocks may differ by a little.
    void record(int64_t value);
    void merge(const Histogram& other);
    /// What was recorded here since `earlier`, a copy of this histogram at another time.
    Histogram since(const Histogram& earlier) const;

    /// One whose counts(), max() and sum() were these.
    static Histogram restored(std::vector<int64_t> counts, int64_t max, double sum);

    int64_t count() const { return count_; }
    int64_t max() const { return max_; }
    double sum() const { return sum_; }
    double mean() const;
    /// By HdrHistogram's numbering, up to the highest one in use.
    const std::vector<int64_t>& counts() const { return counts_; }
    /// The smallest value that `percent` percent of the records do not exceed, rounded up to its
    /// counter's upper edge but never beyond max(); 0 when empty.
    int64_t percentile(double percent) const;

private:
    std::vector<int64_t> counts_;  ///< grows to the highest counter in use
    int64_t count_ = 0;
    int64_t max_ = 0;
    double sum_ = 0;
};

}  // namespace stoker::load
