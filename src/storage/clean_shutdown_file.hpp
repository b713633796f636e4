// .kafka_cleanshutdown: its being there says that the last broker on this data folder stopped in
// good order, so that no log needs recovery. It is taken away before the logs are opened: a crash
// from then on is seen as one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/disk.hpp"

namespace stoker::storage {

inline constexpr std::string_view clean_shutdown_file_name = ".kafka_cleanshutdown";

struct CleanShutdown {
    /// The broker epoch of that run (KIP-966); nothing when the file is empty, as older Kafkas
    /// leave it, or cannot be understood: its being there counts.
    std::optional<int64_t> broker_epoch;
};

/// Nothing when the last stop was not a clean one.
DiskResult<std::optional<CleanShutdown>> read_clean_shutdown(Disk& disk, const std::string& folder);
/// Comes last: when all logs and checkpoints of the folder are synced.
DiskResult<void> write_clean_shutdown(Disk& disk, const std::string& folder, int64_t broker_epoch);
/// Durable when it returns; no error when it is not there.
DiskResult<void> remove_clean_shutdown(Disk& disk, const std::string& folder);

}  // namespace stoker::storage
