// partition.metadata: which topic a partition's folder belongs to, by id (KIP-516). It tells a
// folder that a deleted topic of the same name left behind from the new topic's.
#pragma once

#include <string>
#include <string_view>

#include "base/uuid.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

inline constexpr std::string_view partition_metadata_file_name = "partition.metadata";

/// not_found() when there is none; is_malformed() when it is not "version: 0", "topic_id: ID".
DiskResult<Uuid> read_partition_metadata(Disk& disk, const std::string& path);
DiskResult<void> write_partition_metadata(Disk& disk, const std::string& path,
                                          const Uuid& topic_id);

}  // namespace stoker::storage
