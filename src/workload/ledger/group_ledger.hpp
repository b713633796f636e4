// GroupLedger: what one consumer group saw of a run: each message once, in the order of its
// producer, intact? It classifies every record as it comes; what is missing is told at the end, by
// comparison with what the producers say (audit.hpp).
//
// A record that is read again at the same offset was stored once: the group began again at an
// older commit. That is counted apart from a duplicate, which lies in the log twice.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "load/verification.hpp"

namespace stoker::workload {

enum class Finding : uint8_t {
    lost,
    acked_missing,
    duplicated,
    redelivered,
    reordered,
    corrupted,
    aborted_seen,
};
inline constexpr size_t findings = 7;

std::string_view name(Finding finding);

/// One message with which something is wrong.
struct Example {
    Finding what = Finding::lost;
    size_t group = 0;
    size_t partition = 0;  ///< of all topics, numbered through
    uint32_t producer = 0;
    uint64_t sequence = 0;
    int64_t offset = -1;          ///< -1: unknown
    int64_t earlier_offset = -1;  ///< of a duplicate or of what it was overtaken by
};

/// What a consumer says of a record.
struct Sighting {
    enum class Kind : uint8_t {
        message,    ///< with an intact seal of this run
        corrupted,  ///< with a seal that does not fit
        foreign,    ///< of somebody else, or of the warm-up
    };
    Kind kind = Kind::message;
    size_t partition = 0;
    uint32_t producer = 0;
    uint64_t sequence = 0;
    int64_t offset = 0;
};

/// One thread, or behind a lock.
class GroupLedger {
public:
    GroupLedger(size_t group, size_t producers, size_t partitions);

    /// True for a message that this group had not seen before.
    bool record(const Sighting& sighting);

    int64_t consumed() const { return consumed_; }  ///< messages of this run, repeated ones too
    int64_t distinct() const { return distinct_; }
    int64_t foreign() const { return foreign_; }
    int64_t count(Finding finding) const { return counts_[size_t(finding)]; }
    const std::vector<Example>& examples() const { return examples_; }
    /// The offset up to which the partition was read.
    int64_t end(size_t partition) const { return logs_[partition].end; }
    bool has(size_t partition, size_t producer, uint64_t sequence) const {
        return lanes_[partition * producers_ + producer].seen.contains(sequence);
    }

    /// A reader has read everything below `offset`, whether there was a record of ours or not.
    void reached(size_t partition, int64_t offset) {
        logs_[partition].end = std::max(logs_[partition].end, offset);
    }
    /// Adds a finding; the group's number is filled in.
    void note(Example example);

    static constexpr size_t examples_max = 100;  ///< of each finding

private:
    /// The messages of one producer in one partition.
    struct Lane {
        load::SequenceSet seen;
        uint64_t last_sequence = 0;
        int64_t last_offset = -1;
    };
    /// What was read of a partition.
    struct Log {
        load::SequenceSet offsets;
        int64_t end = 0;
    };
    /// Whether this very record was read before.
    bool read_before(Log& log, int64_t offset);
    void repeated(const Sighting& sighting, const Lane& lane, bool again);

    size_t group_;
    size_t producers_;
    std::vector<Lane> lanes_;
    std::vector<Log> logs_;
    int64_t consumed_ = 0;
    int64_t distinct_ = 0;
    int64_t foreign_ = 0;
    int64_t counts_[findings] = {};
    std::vector<Example> examples_;
};

}  // namespace stoker::workload
