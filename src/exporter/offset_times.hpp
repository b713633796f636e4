// When a partition's offsets were written, as seen from outside: what turns a lag in messages into
// one in seconds.
//
// Each look at the cluster adds a point (time, end offset). A record at an offset was written
// between the last point that ends before it and the first that ends behind it; in between, time
// is taken to have passed evenly.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace stoker::exporter {

/// One thread.
class OffsetTimes {
public:
    /// Points that are kept; the oldest goes first.
    static constexpr size_t points_max = 60;

    /// The end offset at a time; times rise. An end before the last one is another log's: what was
    /// known of the old one is forgotten.
    void add(int64_t at_ms, int64_t end);

    /// For how long the record at `offset`, the next that a group reads, has been there at
    /// `now_ms`: 0 when there is no such record yet. Of records from before the first point it is
    /// guessed from the pace since; nothing when there is none.
    std::optional<double> lag_seconds(int64_t offset, int64_t now_ms) const;

private:
    struct Point {
        int64_t at_ms;
        int64_t end;
    };
    std::deque<Point> points_;
};

}  // namespace stoker::exporter
