#include "storage/log_cleaner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "storage/disk_error.hpp"
#include "storage/loggers.hpp"

namespace stoker::storage {

namespace {

/// More than two gigabytes a thread are not used, as upstream.
constexpr int64_t map_bytes_max = std::numeric_limits<int32_t>::max();
/// Less than this at once would be all system calls.
constexpr size_t block_size_min = 4096;

double megabytes(int64_t bytes) { return double(bytes) / (1024 * 1024); }
double seconds(int64_t ns) { return std::max(double(ns) / 1e9, 1e-3); }
double percent_less(int64_t after, int64_t before) {
    return before == 0 ? 0.0 : 100.0 * (1.0 - double(after) / double(before));
}

}  // namespace

LogCleaner::LogCleaner(LogManager& logs, const Clock& clock, Random& random,
                       const Options& options)
    : logs_(logs), clock_(clock), random_(random), options_(options) {
    state_.lock()->last_run_ms = clock_.monotonic_ms();
}

bool LogCleaner::clean_dirtiest(unsigned thread, const Wait& wait) {
    if (logs_.directory().offline()) return false;
    const auto candidate = take_dirtiest(thread);
    if (!candidate) return false;
    const bool cleaned = clean(*candidate, thread, wait);
    state_.lock()->in_progress.erase(candidate->log->partition());
    return cleaned;
}

std::optional<CleanableRange> LogCleaner::range_of(Log& log) {
    const auto range = log.cleanable_range(logs_.cleaned_to(log));
    if (!range) return std::nullopt;
    if (range->checkpoint_was_wrong) logs_.set_cleaned_to(log, range->first_dirty);
    return *range;
}

/// The dirtiest of those that are dirty enough, or overdue; from now on it is in progress.
std::optional<LogCleaner::Candidate> LogCleaner::take_dirtiest(unsigned thread) {
    const auto logs = logs_.compacted_logs();
    auto state = state_.lock();
    state->last_run_ms = clock_.monotonic_ms();
    std::erase_if(state->uncleanable,
                  [&](const auto& item) { return !logs_.contains(item.first); });
    std::optional<Candidate> dirtiest;
    double max_ratio = 0;
    int64_t max_delay_ms = 0;
    for (const auto& log : logs) {
        const TopicPartition& name = log->partition();
        if (state->in_progress.contains(name) || state->uncleanable.contains(name)) continue;
        const auto range = range_of(*log);
        if (!range || range->total_bytes() == 0) continue;
        const double ratio = range->dirty_ratio();
        max_ratio = std::max(max_ratio, ratio);
        max_delay_ms = std::max(max_delay_ms, range->compaction_delay_ms);
        const bool overdue = range->compaction_delay_ms > 0 && range->cleanable_bytes > 0;
        if (!overdue && ratio <= log->config().min_cleanable_dirty_ratio) continue;
        if (!dirtiest || ratio > dirtiest->range.dirty_ratio()) dirtiest = {log, *range};
    }
    state->max_dirty_ratio = max_ratio;
    if (!dirtiest) return std::nullopt;
    state->last.resize(std::max<size_t>(state->last.size(), thread + 1));
    state->last[thread].max_compaction_delay_ms = max_delay_ms;
    state->in_progress.insert(dirtiest->log->partition());
    return dirtiest;
}

bool LogCleaner::clean(const Candidate& candidate, unsigned thread, const Wait& wait) {
    const Options options = this->options();
    const unsigned threads = std::max(options.threads, 1u);
    const Pace pace = [&](size_t bytes) {
        if (!wait) return true;
        return wait(throttle_.delay_ns(bytes, options.io_max_bytes_per_second,
                                       clock_.monotonic_ns()));
    };
    const int64_t map_bytes = std::min(options.dedupe_buffer_size / threads, map_bytes_max);
    const auto block = size_t(options.io_buffer_size) / threads / 2;
    LogCleaning cleaning(logs_.disk(), clock_, *candidate.log,
                         {.range = candidate.range,
                          .map_slots_max = size_t(map_bytes) / OffsetMap::slot_size,
                          .load_factor = options.io_buffer_load_factor,
                          .secret = {random_.next(), random_.next()},
                          .block_size = std::max(block, block_size_min)},
                         pace);
    const auto end = cleaning.run();
    logs_.remove_files_later(cleaning.take_replaced(),
                             candidate.log->config().file_delete_delay_ms);
    if (end) done(candidate, thread, cleaning.stats(), *end);
    else failed(candidate, end.error());
    return end.has_value();
}

void LogCleaner::done(const Candidate& candidate, unsigned thread, const CleaningStats& stats,
                      Offset end) {
    logs_.set_cleaned_to(*candidate.log, end);
    report(candidate, thread, stats, end);
    auto state = state_.lock();
    state->last[thread].stats = stats;
    ++state->rounds;
    state->bytes_read += stats.bytes_read + stats.map_bytes_read;
    state->bytes_written += stats.bytes_written;
}

void LogCleaner::failed(const Candidate& candidate, const DiskError& error) {
    const Log& log = *candidate.log;
    if (is_given_up(error) || log.is_deleted() || logs_.directory().offline()) return;
    if (is_malformed(error)) {
        cleaner_log().error(
            "{} is not compacted any more until the next start, for that failed: {}. The log is "
            "otherwise in use; see what is wrong with its segments from offset {} on.",
            to_string(log.partition()), error.what, raw(log.start_offset()));
        state_.lock()->uncleanable[log.partition()] = candidate.range.cleanable_bytes;
        return;
    }
    logs_.disk_failed(error);
}

void LogCleaner::report(const Candidate& candidate, unsigned thread, const CleaningStats& stats,
                        Offset end) const {
    const int64_t copy_ns = stats.total_ns - stats.index_ns;
    cleaner_log().info(
        "Log cleaner thread {} cleaned log {} (dirty section = [{}, {}]): {:.1f} MB of log "
        "processed in {:.1f} seconds ({:.1f} MB/sec); indexed {:.1f} MB in {:.1f} seconds "
        "({:.1f} MB/sec); buffer utilization: {:.1f}%; cleaned {:.1f} MB in {:.1f} seconds "
        "({:.1f} MB/sec); start size: {:.1f} MB ({} messages); end size: {:.1f} MB ({} messages); "
        "{:.1f}% size reduction ({:.1f}% fewer messages).",
        thread, to_string(candidate.log->partition()), raw(candidate.range.first_dirty), raw(end),
        megabytes(stats.bytes_read), seconds(stats.total_ns),
        megabytes(stats.bytes_read) / seconds(stats.total_ns), megabytes(stats.map_bytes_read),
        seconds(stats.index_ns), megabytes(stats.map_bytes_read) / seconds(stats.index_ns),
        100 * stats.buffer_utilization, megabytes(stats.bytes_read), seconds(copy_ns),
        megabytes(stats.bytes_read) / seconds(copy_ns), megabytes(stats.bytes_read),
        stats.messages_read, megabytes(stats.bytes_written), stats.messages_written,
        percent_less(stats.bytes_written, stats.bytes_read),
        percent_less(stats.messages_written, stats.messages_read));
    if (stats.invalid_messages_read > 0) {
        cleaner_log().warn("Compaction of {} dropped {} records without a key.",
                           to_string(candidate.log->partition()), stats.invalid_messages_read);
    }
}

CleanerStats LogCleaner::stats() const {
    const auto state = state_.lock();
    CleanerStats stats{
        .max_dirty_percent = int32_t(100 * state->max_dirty_ratio),
        .time_since_last_run_ms = clock_.monotonic_ms() - state->last_run_ms,
        .rounds = state->rounds,
        .bytes_read = state->bytes_read,
        .bytes_written = state->bytes_written,
    };
    int64_t read = 0;
    int64_t written = 0;
    for (const Last& last : state->last) {
        const auto raise = [](int32_t& figure, double to) {
            figure = std::max(figure, int32_t(to));
        };
        raise(stats.max_buffer_utilization_percent, 100 * last.stats.buffer_utilization);
        raise(stats.max_clean_time_secs, double(last.stats.total_ns) / 1e9);
        raise(stats.max_compaction_delay_secs, double(last.max_compaction_delay_ms) / 1e3);
        read += last.stats.bytes_read;
        written += last.stats.bytes_written;
    }
    stats.cleaner_recopy_percent = int32_t(100 * written / std::max<int64_t>(read, 1));
    for (const auto& [partition, bytes] : state->uncleanable) {
        stats.uncleanable.push_back(partition);
        stats.uncleanable_bytes += bytes;
    }
    stats.uncleanable_partitions_count = int32_t(stats.uncleanable.size());
    return stats;
}

}  // namespace stoker::storage
