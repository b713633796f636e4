// What a cleaner of ours or of Apache Kafka's left behind when it was cut short. While it writes, a
// new segment's files end in .cleaned: they go. Once all of them end in .swap the segment counts,
// and the segments that it was made of go instead (Log::replace_segments).
#pragma once

#include <string>
#include <vector>

#include "storage/disk.hpp"

namespace stoker::storage {

/// Finishes or undoes the replacements in a partition's folder, whose names these are. True when
/// there was any: then the names have changed.
DiskResult<bool> finish_replacements(Disk& disk, const std::string& folder,
                                     const std::vector<std::string>& names);

}  // namespace stoker::storage
