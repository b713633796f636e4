// Reader: one consumer of a group of the load, on a thread of its own. It checks every record's
// seal and tells the group's ledger.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "kafka/client_properties.hpp"
#include "load/histogram.hpp"
#include "workload/ledger/group_ledger.hpp"
#include "workload/reader/record_source.hpp"

namespace stoker::workload {

/// What the readers of one group share.
struct GroupState {
    GroupState(size_t group, size_t producers, size_t partitions)
        : ledger(GroupLedger(group, producers, partitions)) {}

    Guarded<GroupLedger> ledger;
    /// Microseconds from the intended send time to here; first sightings only.
    Guarded<load::Histogram> end_to_end_us;
    std::atomic<int64_t> distinct = 0;
    std::atomic<int64_t> consumed = 0;
    std::atomic<int64_t> last_progress_ns = 0;
    Guarded<std::optional<std::string>> failure;
};

struct ReaderOptions {
    EngineKind engine = EngineKind::raw;
    kafka::ClientProperties properties{};
    std::vector<std::string> topics{};
    int32_t partitions = 1;  ///< of each topic
    uint64_t run_id = 0;
    int64_t delay_us = 0;  ///< for each message
    /// What the monotonic clock and the wall clock said at the same time.
    int64_t start_ns = 0;
    int64_t start_wall_ns = 0;
};

class Reader {
public:
    /// `group` and `clock` outlive the reader. Starts at once.
    Reader(ReaderOptions options, GroupState& group, const Clock& clock);
    /// Leaves the group and waits for the thread.
    ~Reader() { leave(false); }

    /// Any thread. A crash says nothing to the group and commits nothing.
    void leave(bool crash);
    /// Does not wait.
    void ask_to_leave() { leaves_ = true; }
    size_t assigned() const { return assigned_; }
    bool running() const { return running_; }
    pid_t thread() const { return id_; }

private:
    void run();
    bool consume(RecordSource& source);
    void work_slowly();
    std::expected<void, std::string> read_batch(RecordSource& source, std::vector<Sighting>& seen);
    void take(const SourceRecord& record, std::vector<Sighting>& seen);
    void tell(std::vector<Sighting>& seen);
    void tell_positions(RecordSource& source);
    /// Of all topics; nothing for a partition that is none of ours.
    std::optional<size_t> number_of(std::string_view topic, int32_t partition);
    void fail(const std::string& why);

    struct Timed {
        int64_t intended_wall_ns = 0;
        int64_t seen_wall_ns = 0;
    };

    ReaderOptions options_;
    GroupState& group_;
    const Clock& clock_;
    std::map<std::string, size_t, std::less<>> first_partition_;  ///< of each topic, in all
    std::string_view last_topic_;                                 ///< a key of that
    size_t last_first_partition_ = 0;
    std::vector<Timed> times_;  ///< beside the sightings
    std::atomic<size_t> assigned_ = 0;
    std::atomic<bool> running_ = true;
    std::atomic<pid_t> id_ = 0;
    std::atomic<bool> leaves_ = false;
    std::atomic<bool> crashes_ = false;
    std::thread thread_;
};

}  // namespace stoker::workload
