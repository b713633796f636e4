// Opening a log: what is in its folder, what is left over from before, where it ends, and, after a
// crash, recovery of what the last checkpoint does not cover.
//
// After a clean stop only names and sizes are looked at, the last segment's end and the newest
// snapshot. After a crash the segments from the recovery point on are read once, in full
// (segment_recovery.hpp). Missing or damaged indexes, snapshots and epoch files are made anew.
#pragma once

#include "storage/disk.hpp"
#include "storage/log_options.hpp"
#include "storage/log_state.hpp"

namespace stoker::storage {

DiskResult<LoadedLog> load_log(const LogContext& context, const LogOptions& options);

}  // namespace stoker::storage
