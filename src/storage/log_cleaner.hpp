// LogCleaner: which of a LogManager's logs is compacted next, and what came of it. The dirtiest one
// comes first; a log whose cleaning fails is named once and left alone until the next start.
//
// It has no threads of its own: whoever owns it calls clean_dirtiest(). In production that are
// CleanerThreads (cleaner_threads.hpp); a test or a simulation calls it itself.
//
// Threads: any thread may call any function; two of them never clean one log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "base/random.hpp"
#include "storage/cleaner_stats.hpp"
#include "storage/cleaner_throttle.hpp"
#include "storage/log_cleaning.hpp"
#include "storage/log_manager.hpp"

namespace stoker::storage {

class LogCleaner {
public:
    /// log.cleaner.*; what a topic says itself is in its LogConfig.
    struct Options {
        unsigned threads = 1;
        int64_t dedupe_buffer_size = 128 << 20;
        double io_buffer_load_factor = 0.9;
        int32_t io_buffer_size = 512 << 10;
        double io_max_bytes_per_second = 1.7976931348623157e308;
        int64_t backoff_ms = 15'000;
    };

    /// Waits for so many nanoseconds, 0 too; false: give up, as soon as possible.
    using Wait = std::function<bool(int64_t ns)>;

    /// All outlives it.
    LogCleaner(LogManager& logs, const Clock& clock, Random& random, const Options& options);

    Options options() const { return *options_.lock(); }
    /// Takes effect with the next round.
    void set_options(const Options& options) { *options_.lock() = options; }

    /// Cleans the log that needs it most; false when none does, or when it came to nothing. Blocks.
    /// `thread` is from 0 on: who it is, for the figures. Without `wait` nothing is throttled.
    bool clean_dirtiest(unsigned thread, const Wait& wait = {});

    CleanerStats stats() const;

private:
    struct Candidate {
        std::shared_ptr<Log> log;
        CleanableRange range;
    };
    /// A thread's last round.
    struct Last {
        CleaningStats stats;
        int64_t max_compaction_delay_ms = 0;
    };
    struct State {
        std::set<TopicPartition> in_progress;
        /// With the bytes that could have been cleaned.
        std::map<TopicPartition, int64_t> uncleanable;
        std::vector<Last> last;
        double max_dirty_ratio = 0;
        int64_t last_run_ms = 0;
        int64_t rounds = 0;
        int64_t bytes_read = 0;
        int64_t bytes_written = 0;
    };

    std::optional<Candidate> take_dirtiest(unsigned thread);
    std::optional<CleanableRange> range_of(Log& log);
    bool clean(const Candidate& candidate, unsigned thread, const Wait& wait);
    void done(const Candidate& candidate, unsigned thread, const CleaningStats& stats, Offset end);
    void failed(const Candidate& candidate, const DiskError& error);
    void report(const Candidate& candidate, unsigned thread, const CleaningStats& stats,
                Offset end) const;

    LogManager& logs_;
    const Clock& clock_;
    Random& random_;
    Guarded<Options> options_;
    CleanerThrottle throttle_;
    Guarded<State> state_;
};

}  // namespace stoker::storage
