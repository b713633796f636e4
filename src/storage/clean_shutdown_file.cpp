#include "storage/clean_shutdown_file.hpp"

#include <cerrno>
#include <charconv>

#include "storage/disk_path.hpp"

namespace stoker::storage {

namespace {

constexpr size_t file_size_max = 4'096;

/// The number after "brokerEpoch": in a JSON object as Kafka writes it, blanks or not.
std::optional<int64_t> epoch_in(std::string_view json) {
    constexpr std::string_view key = "\"brokerEpoch\"";
    constexpr std::string_view blanks = " \t\r\n";
    const size_t at = json.find(key);
    if (at == json.npos) return std::nullopt;
    size_t next = json.find_first_not_of(blanks, at + key.size());
    if (next == json.npos || json[next] != ':') return std::nullopt;
    next = json.find_first_not_of(blanks, next + 1);
    if (next == json.npos) return std::nullopt;
    int64_t epoch = 0;
    const auto parsed = std::from_chars(json.data() + next, json.data() + json.size(), epoch);
    if (parsed.ec != std::errc{}) return std::nullopt;
    return epoch;
}

}  // namespace

DiskResult<std::optional<CleanShutdown>> read_clean_shutdown(Disk& disk,
                                                             const std::string& folder) {
    const auto content = read_file(disk, join(folder, clean_shutdown_file_name), file_size_max);
    if (content) return CleanShutdown{epoch_in(text_of(*content))};
    if (content.error().not_found()) return std::nullopt;
    if (content.error().code == EFBIG) return CleanShutdown{};
    return std::unexpected(content.error());
}

DiskResult<void> write_clean_shutdown(Disk& disk, const std::string& folder, int64_t broker_epoch) {
    const std::string json = "{\"version\":0,\"brokerEpoch\":" + std::to_string(broker_epoch) + "}";
    return replace_file(disk, join(folder, clean_shutdown_file_name), bytes_of(json));
}

DiskResult<void> remove_clean_shutdown(Disk& disk, const std::string& folder) {
    if (auto removed = disk.remove(join(folder, clean_shutdown_file_name)); !removed) {
        return removed;
    }
    return disk.sync_folder(folder);
}

}  // namespace stoker::storage
