#include "storage/meta_properties.hpp"

#include <cerrno>
#include <charconv>
#include <system_error>
#include <vector>

#include "storage/disk_error.hpp"
#include "storage/disk_path.hpp"
#include "storage/properties_file.hpp"

namespace stoker::storage {

namespace {

constexpr std::string_view version_key = "version";
constexpr std::string_view cluster_key = "cluster.id";
constexpr std::string_view node_key = "node.id";
constexpr std::string_view directory_key = "directory.id";

std::optional<int32_t> node_number(std::string_view text) {
    int32_t value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end || value < 0) return std::nullopt;
    return value;
}

/// What a version other than ours means for whoever started this.
std::string about_version(std::string_view version) {
    if (version == "0") {
        return "a Kafka that kept its metadata in ZooKeeper wrote it (version 0): migrate it to "
               "KRaft with Apache Kafka 3.9 first, or give another data folder";
    }
    return "it is of version '" + std::string(version) +
           "', and only version 1 is known here: use the Kafka that wrote it, or give another data "
           "folder";
}

/// A failure of the disk as a sentence; the code stays.
std::unexpected<DiskError> cannot(std::string_view what, std::string_view path,
                                  const DiskError& error) {
    std::string advice = "see whether the disk is in order";
    if (error.code == EACCES || error.code == EPERM || error.code == EROFS) {
        advice = "run as the user who owns it, or give another data folder";
    } else if (error.no_space()) {
        advice = "make room on that disk, or give a data folder on another one";
    } else if (error.code == ENOTDIR || error.code == EEXIST || error.code == EISDIR) {
        advice = "give another data folder";
    }
    return std::unexpected(
        DiskError{error.code, "cannot " + std::string(what) + " " + std::string(path) + " (" +
                                  std::generic_category().message(error.code) + "): " + advice});
}

/// Files that are in a folder before or without its being in use: a lock, the remains of a first
/// start that was interrupted, what mkfs makes.
bool may_be_in_a_new_folder(std::string_view name) {
    return name == ".lock" || name == "lost+found" ||
           name == std::string(meta_properties_file_name) + ".tmp";
}

DiskResult<void> store(Disk& disk, const std::string& path, const MetaProperties& meta,
                       const Clock& clock) {
    auto written = write_meta_properties(disk, path, meta, clock.wall_ms());
    if (!written) return cannot("write", path, written.error());
    return {};
}

/// Makes the folder and its parents, and their names durable. Each name is in the folder above;
/// those that were there already are not synced again, for that takes a millisecond each.
DiskResult<void> make_durable_folder(Disk& disk, const std::string& path) {
    std::vector<std::string> to_sync = {parent_of(path)};
    for (;;) {
        const std::string above = to_sync.back();
        const auto exists = disk.exists(above);
        if (!exists) return cannot("read", above, exists.error());
        if (*exists) break;
        to_sync.push_back(parent_of(above));
    }
    if (auto made = disk.make_folder(path); !made) return cannot("make", path, made.error());
    for (const std::string& folder : to_sync) {
        // A folder that we may not open: a mount point's, say.
        const auto synced = disk.sync_folder(folder);
        if (!synced && synced.error().code != EACCES) return cannot("sync", folder, synced.error());
    }
    return {};
}

DiskResult<MetaProperties> make_data_folder(Disk& disk, const DataFolder& folder, Random& random,
                                            const Clock& clock) {
    const std::string path = normal_path(folder.path);
    if (auto made = make_durable_folder(disk, path); !made) return std::unexpected(made.error());
    const auto names = disk.list(path);
    if (!names) return cannot("read", path, names.error());
    for (const std::string& name : *names) {
        if (may_be_in_a_new_folder(name)) continue;
        return malformed_file(path, "it has files in it, such as '" + name +
                                        "', but no meta.properties, so it is not a Kafka data "
                                        "folder: give an empty one, or a new name");
    }
    const MetaProperties meta{
        .cluster_id = folder.cluster_id ? *folder.cluster_id : to_string(random.uuid()),
        .node_id = folder.node_id,
        .directory_id = random.uuid(),
    };
    auto stored = store(disk, join(path, meta_properties_file_name), meta, clock);
    if (!stored) return std::unexpected(stored.error());
    return meta;
}

}  // namespace

DiskResult<MetaProperties> read_meta_properties(Disk& disk, const std::string& path) {
    const auto properties = read_properties(disk, path);
    if (!properties) return std::unexpected(properties.error());
    const auto version = properties->get(version_key).value_or("0");
    if (version != "1") return malformed_file(path, about_version(version));
    const auto node = properties->get(node_key).and_then(node_number);
    if (!node) return malformed_file(path, "it has no valid node.id: restore the file");
    const auto cluster = properties->get(cluster_key).value_or("");
    if (cluster.empty()) return malformed_file(path, "it has no cluster.id: restore the file");
    MetaProperties meta{.cluster_id = std::string(cluster), .node_id = *node, .directory_id = {}};
    if (const auto text = properties->get(directory_key)) {
        meta.directory_id = parse_uuid(*text);
        if (!meta.directory_id) {
            return malformed_file(path, "its directory.id is not an id: restore the file");
        }
    }
    return meta;
}

DiskResult<void> write_meta_properties(Disk& disk, const std::string& path,
                                       const MetaProperties& meta, int64_t wall_ms) {
    // In the order in which Apache Kafka's hash table has them.
    Properties properties;
    properties.set(node_key, std::to_string(meta.node_id));
    if (meta.directory_id) properties.set(directory_key, to_string(*meta.directory_id));
    properties.set(version_key, "1");
    properties.set(cluster_key, meta.cluster_id);
    return replace_file(disk, path, bytes_of(format_properties(properties, wall_ms)));
}

DiskResult<MetaProperties> take_up_data_folder(Disk& disk, const DataFolder& folder, Random& random,
                                               const Clock& clock) {
    const std::string path = join(normal_path(folder.path), meta_properties_file_name);
    auto meta = read_meta_properties(disk, path);
    if (!meta && meta.error().not_found()) return make_data_folder(disk, folder, random, clock);
    if (!meta && is_malformed(meta.error())) return meta;
    if (!meta) return cannot("read", path, meta.error());
    if (meta->node_id != folder.node_id) {
        return malformed_file(path, "the folder belongs to node " + std::to_string(meta->node_id) +
                                        " and this is node " + std::to_string(folder.node_id) +
                                        ": set node.id=" + std::to_string(meta->node_id) +
                                        ", or give another data folder");
    }
    if (folder.cluster_id && *folder.cluster_id != meta->cluster_id) {
        return malformed_file(path, "the folder belongs to the cluster '" + meta->cluster_id +
                                        "' and this is '" + *folder.cluster_id +
                                        "': give that cluster id, or another data folder");
    }
    if (!meta->directory_id) {
        meta->directory_id = random.uuid();
        if (auto stored = store(disk, path, *meta, clock); !stored) {
            return std::unexpected(stored.error());
        }
    }
    return meta;
}

}  // namespace stoker::storage
