#include "storage/partition_metadata.hpp"

#include "storage/disk_error.hpp"

#include <optional>

namespace stoker::storage {

namespace {

constexpr size_t file_size_max = 4'096;

/// Takes one line off `text`: what follows `label`, or nothing when it starts otherwise.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view label) {
    const size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with(label)) return std::nullopt;
    line.remove_prefix(label.size());
    while (line.starts_with(' ')) line.remove_prefix(1);
    return line;
}

}  // namespace

DiskResult<Uuid> read_partition_metadata(Disk& disk, const std::string& path) {
    const auto content = read_file(disk, path, file_size_max);
    if (!content && content.error().code == EFBIG) {
        return malformed_file(path, "it is too long for a partition.metadata file");
    }
    if (!content) return std::unexpected(content.error());
    std::string_view text = text_of(*content);
    const auto version = take_line(text, "version:");
    if (!version) return malformed_file(path, "line 1 must be 'version: 0'");
    if (*version != "0") {
        return malformed_file(
            path, "version " + std::string(*version) + " is not known here, only version 0");
    }
    const auto id_text = take_line(text, "topic_id:");
    const auto id = id_text ? parse_uuid(*id_text) : std::nullopt;
    if (!id || id->is_zero()) {
        return malformed_file(path, "line 2 must be 'topic_id: ' and the topic's id");
    }
    return *id;
}

DiskResult<void> write_partition_metadata(Disk& disk, const std::string& path,
                                          const Uuid& topic_id) {
    // No end of line after the id: Apache Kafka writes none.
    return replace_file(disk, path, bytes_of("version: 0\ntopic_id: " + to_string(topic_id)));
}

}  // namespace stoker::storage
