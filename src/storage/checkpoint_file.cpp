#include "storage/checkpoint_file.hpp"

#include <charconv>
#include <limits>
#include <optional>

#include "storage/disk_error.hpp"

namespace stoker::storage {

namespace {

constexpr size_t header_lines = 2;  // the version, the count

std::string at_line(size_t number, std::string_view why) {
    return "line " + std::to_string(number) + ": " + std::string(why);
}

template <class Number>
std::optional<Number> whole_number(std::string_view word) {
    Number value{};
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return value;
}

/// Lines without their ends, which are "\n" or "\r\n"; what follows the last end counts if it is
/// not empty.
std::vector<std::string_view> split_lines(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string_view> split_words(std::string_view line) {
    std::vector<std::string_view> words;
    for (;;) {
        const size_t end = line.find_first_of(" \t");
        words.push_back(line.substr(0, end));
        if (end == line.npos) return words;
        line.remove_prefix(end + 1);
    }
}

}  // namespace

DiskResult<std::vector<CheckpointLine>> parse_checkpoint(std::string_view path,
                                                         std::string_view text, size_t word_count) {
    const std::vector<std::string_view> lines = split_lines(text);
    if (lines.empty()) return {};
    const auto version = whole_number<int32_t>(lines[0]);
    if (!version) return malformed_file(path, at_line(1, "this is not a version number"));
    if (*version != 0) {
        return malformed_file(path, at_line(1, "version " + std::to_string(*version) +
                                                   " is not known here, only version 0"));
    }
    if (lines.size() == 1) return {};
    const auto count = whole_number<int32_t>(lines[1]);
    if (!count || *count < 0) return malformed_file(path, at_line(2, "this is not a count"));

    std::vector<CheckpointLine> entries;
    entries.reserve(lines.size() - header_lines);
    for (size_t i = header_lines; i < lines.size(); ++i) {
        CheckpointLine line{split_words(lines[i]), i + 1};
        if (line.words.size() != word_count) {
            return malformed_file(
                path, at_line(i + 1, "there must be " + std::to_string(word_count) + " words"));
        }
        entries.push_back(std::move(line));
    }
    if (entries.size() != static_cast<size_t>(*count)) {
        return malformed_file(path, "it announces " + std::to_string(*count) + " entries but has " +
                                        std::to_string(entries.size()));
    }
    return entries;
}

DiskResult<int64_t> checkpoint_number(std::string_view path, const CheckpointLine& line,
                                      size_t word, int64_t largest) {
    const auto value = whole_number<int64_t>(line.words[word]);
    if (value && *value >= 0 && *value <= largest) return *value;
    return malformed_file(
        path, at_line(line.number, "'" + std::string(line.words[word]) +
                                       "' must be a number from 0 to " + std::to_string(largest)));
}

DiskResult<std::vector<OffsetCheckpoint>> read_offset_checkpoint(Disk& disk,
                                                                 const std::string& path) {
    const auto content = read_file(disk, path);
    if (!content && content.error().not_found()) return {};
    if (!content) return std::unexpected(content.error());
    const auto lines = parse_checkpoint(path, text_of(*content), 3);
    if (!lines) return std::unexpected(lines.error());
    std::vector<OffsetCheckpoint> entries;
    entries.reserve(lines->size());
    for (const CheckpointLine& line : *lines) {
        if (line.words[0].empty()) {
            return malformed_file(path, at_line(line.number, "there is no topic name"));
        }
        const auto partition =
            checkpoint_number(path, line, 1, std::numeric_limits<int32_t>::max());
        if (!partition) return std::unexpected(partition.error());
        const auto offset = checkpoint_number(path, line, 2, std::numeric_limits<int64_t>::max());
        if (!offset) return std::unexpected(offset.error());
        entries.push_back({.topic = std::string(line.words[0]),
                           .partition = PartitionId{static_cast<int32_t>(*partition)},
                           .offset = Offset{*offset}});
    }
    return entries;
}

DiskResult<void> write_offset_checkpoint(Disk& disk, const std::string& path,
                                         std::span<const OffsetCheckpoint> entries) {
    std::string text = "0\n" + std::to_string(entries.size()) + "\n";
    for (const OffsetCheckpoint& entry : entries) {
        text.append(entry.topic).append(" ").append(std::to_string(raw(entry.partition)));
        text.append(" ").append(std::to_string(raw(entry.offset))).append("\n");
    }
    return replace_file(disk, path, bytes_of(text));
}

}  // namespace stoker::storage
