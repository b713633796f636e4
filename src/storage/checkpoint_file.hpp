// Checkpoint files: a version, a count, and lines of words (docs/formats/checkpoints.md).
//
// The offset checkpoints of a data folder have the lines "topic partition offset"; the leader epoch
// checkpoint of a partition (leader_epoch_checkpoint.hpp) has "epoch offset". They are replaced as
// a whole: after a crash the old one is there or the new one.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

// The offset checkpoints of a data folder, as Apache Kafka names them.
inline constexpr std::string_view recovery_point_checkpoint = "recovery-point-offset-checkpoint";
inline constexpr std::string_view log_start_checkpoint = "log-start-offset-checkpoint";
inline constexpr std::string_view replication_checkpoint = "replication-offset-checkpoint";
inline constexpr std::string_view cleaner_checkpoint = "cleaner-offset-checkpoint";

struct OffsetCheckpoint {
    std::string topic;
    PartitionId partition{};
    Offset offset{};

    bool operator==(const OffsetCheckpoint&) const = default;
};

/// Nothing when the file is not there or is empty, as it is before the first checkpoint. What is
/// not such a file is_malformed(), with a sentence that names the line.
DiskResult<std::vector<OffsetCheckpoint>> read_offset_checkpoint(Disk& disk,
                                                                 const std::string& path);
DiskResult<void> write_offset_checkpoint(Disk& disk, const std::string& path,
                                         std::span<const OffsetCheckpoint> entries);

/// The words of one line, and its number in the file for messages.
struct CheckpointLine {
    std::vector<std::string_view> words;
    size_t number = 0;
};

/// The entries of any checkpoint file; every line has `word_count` words, views of `text`.
DiskResult<std::vector<CheckpointLine>> parse_checkpoint(std::string_view path,
                                                         std::string_view text, size_t word_count);

/// The whole word as a number from 0 on, or "PATH: line N: …".
DiskResult<int64_t> checkpoint_number(std::string_view path, const CheckpointLine& line,
                                      size_t word, int64_t largest);

}  // namespace stoker::storage
