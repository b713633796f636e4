// meta.properties: whose data folder this is (docs/formats/meta-properties.md). It is the first
// file to be written into one, and the first to be read: a folder that another node, another
// cluster or another program uses is refused before anything in it is touched.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/uuid.hpp"
#include "storage/disk.hpp"

namespace stoker::storage {

inline constexpr std::string_view meta_properties_file_name = "meta.properties";

/// Version 1, as Apache Kafka writes it since KRaft.
struct MetaProperties {
    std::string cluster_id;
    int32_t node_id = 0;
    /// Kafkas before 3.7 wrote none (KIP-858).
    std::optional<Uuid> directory_id;

    bool operator==(const MetaProperties&) const = default;
};

/// not_found(), is_malformed() with a sentence that says what to do, or a failure of the disk.
DiskResult<MetaProperties> read_meta_properties(Disk& disk, const std::string& path);
/// `wall_ms` is for the comment.
DiskResult<void> write_meta_properties(Disk& disk, const std::string& path,
                                       const MetaProperties& meta, int64_t wall_ms);

struct DataFolder {
    std::string path;
    int32_t node_id = 1;
    /// What the folder's must equal; for a new folder, nothing means a random one.
    std::optional<std::string> cluster_id;
};

/// Takes a data folder up, or makes a new one (durable when this returns). Every error's `what` is
/// one sentence for the operator: what is wrong with the folder, and what to do.
DiskResult<MetaProperties> take_up_data_folder(Disk& disk, const DataFolder& folder, Random& random,
                                               const Clock& clock);

}  // namespace stoker::storage
