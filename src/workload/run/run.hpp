// Run: a workload against a cluster, from the topics that it makes to the audit of what arrived.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "kafka/client_properties.hpp"
#include "load/histogram.hpp"
#include "workload/ledger/group_ledger.hpp"
#include "workload/sender/sender_stats.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

struct GroupResult {
    int64_t consumed = 0;  ///< repeated ones too
    int64_t distinct = 0;
    int64_t counts[findings] = {};
    int64_t stored_though_failed = 0;
    int64_t unread = 0;  ///< the group had not come to them when it was stopped
    load::Histogram end_to_end_us;
    std::vector<Example> examples;
    std::optional<std::string> failure;

    int64_t count(Finding finding) const { return counts[size_t(finding)]; }
};

/// A stretch of a run, a second as a rule.
struct Interval {
    double start_s = 0;  ///< since the start of the load
    double end_s = 0;
    int64_t sent = 0;
    int64_t acknowledged = 0;
    int64_t consumed = 0;  ///< of all groups
    load::Histogram response_us;
    load::Histogram service_us;
};

struct RunResult {
    std::string name;
    uint64_t run_id = 0;
    uint64_t seed = 0;
    int64_t start_wall_ms = 0;
    double load_s = 0;   ///< as planned
    double sent_s = 0;   ///< until the last answer
    double total_s = 0;  ///< until everything was read
    bool open_loop = true;
    bool interrupted = false;
    SenderStats sent;
    std::vector<GroupResult> groups;
    std::vector<Interval> intervals;
    std::vector<std::string> topics;
    bool topics_kept = false;  ///< as was wished, or because something is to be looked at
    int32_t partitions = 1;  ///< of each topic
    /// The busiest thread of its kind during the load, as a share of a core. A library's thread is
    /// none of ours: librdkafka sends from its own.
    double sender_share = 0;
    double reader_share = 0;
    double library_share = 0;
    /// Why the run ended before it was over.
    std::optional<std::string> failure;

    int64_t count(Finding finding) const;
    int64_t consumed() const;
    double messages_per_second() const {
        return sent_s > 0 ? double(sent.acknowledged) / sent_s : 0;
    }
};

/// What somebody who watches a run sees.
struct Progress {
    enum class Stage : uint8_t { preparing, loading, draining };
    Stage stage = Stage::preparing;
    double elapsed_s = 0;
    double load_s = 0;
    SenderStats sent;
    int64_t consumed = 0;
    const Interval* last = nullptr;  ///< null until a second has passed
};

struct RunOptions {
    kafka::ClientProperties properties{};  ///< with bootstrap.servers
    uint64_t seed = 0;
    /// Asked from the thread that runs; true ends the load early.
    std::function<bool(std::chrono::nanoseconds)> interrupted{};  ///< waits so long
    std::function<void(const Progress&)> on_progress{};           ///< once a second
};

/// The error is a sentence: the cluster cannot be reached, or does not let us.
std::expected<RunResult, std::string> run_workload(const Workload& workload,
                                                   const RunOptions& options, const Clock& clock);

}  // namespace stoker::workload
