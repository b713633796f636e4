// Which leader epoch begins at which offset, and the file that remembers it, the
// leader-epoch-checkpoint of a partition (docs/formats/checkpoints.md).
//
// Clients ask with an epoch where it ended, to find out whether what they read was truncated since
// (KIP-101, KIP-320). On one node an epoch begins with every restart of the broker.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

inline constexpr std::string_view leader_epoch_file_name = "leader-epoch-checkpoint";

/// An epoch and the offset of its first record.
struct EpochStart {
    LeaderEpoch epoch = LeaderEpoch::none;
    Offset start{};

    bool operator==(const EpochStart&) const = default;
};

/// An epoch and the offset after its last record; none and -1 when there is no answer.
struct EpochEnd {
    LeaderEpoch epoch = LeaderEpoch::none;
    Offset end{-1};

    bool operator==(const EpochEnd&) const = default;
};

/// A value: who changes it writes it. The functions that change it say whether they did. Rules as
/// in Apache Kafka's LeaderEpochFileCache. Not thread-safe: the log's lock guards it.
class LeaderEpochCache {
public:
    LeaderEpochCache() = default;

    /// From `start` on, records are of `epoch`. Entries that contradict it go: those of the same or
    /// a later epoch, and those that begin there or later.
    bool assign(LeaderEpoch epoch, Offset start);
    /// The largest known epoch up to `requested`, and where it ended: at the next one's start, or
    /// at `log_end` for the latest.
    EpochEnd end_offset_for(LeaderEpoch requested, Offset log_end) const;
    /// The epoch of the record at `offset`; nothing before the first entry.
    std::optional<LeaderEpoch> epoch_at(Offset offset) const;

    /// The log was cut at `end`: entries that begin there or later go.
    bool truncate_from_end(Offset end);
    /// The log begins at `start` now: the entry that covers it begins there, older ones go.
    bool truncate_from_start(Offset start);
    bool clear();

    std::optional<EpochStart> earliest() const;
    std::optional<EpochStart> latest() const;
    std::span<const EpochStart> entries() const { return entries_; }
    bool empty() const { return entries_.empty(); }

private:
    std::vector<EpochStart> entries_;  // both numbers rise
};

/// What the file holds.
std::string format_leader_epochs(const LeaderEpochCache& cache);
/// An empty cache when the file is not there.
DiskResult<LeaderEpochCache> read_leader_epochs(Disk& disk, const std::string& path);
DiskResult<void> write_leader_epochs(Disk& disk, const std::string& path,
                                     const LeaderEpochCache& cache);

}  // namespace stoker::storage
