// Java's .properties syntax (java.util.Properties.load and store): meta.properties,
// server.properties and the clients' command-config files are written in it.
//
// Text is UTF-8 here and passes through untouched; \u0000 to \uffff become UTF-8 too. A last line
// of nothing but a backslash is nothing (Java makes an entry without a name of it).
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/disk.hpp"

namespace stoker::storage {

/// Keys and values in the order of the file. Of a key that is there twice the last value counts.
class Properties {
public:
    using Entry = std::pair<std::string, std::string>;

    /// A view that lasts until the next set().
    std::optional<std::string_view> get(std::string_view key) const;
    /// Replaces the value in its place, or adds the key at the end.
    void set(std::string_view key, std::string_view value);
    const std::vector<Entry>& entries() const { return entries_; }

    bool operator==(const Properties& other) const { return entries_ == other.entries_; }

private:
    std::vector<Entry> entries_;
    std::map<std::string, size_t, std::less<>> places_;
};

/// An error is a sentence with the number of the line: "line 3: \u needs four hexadecimal digits".
std::expected<Properties, std::string> parse_properties(std::string_view text);

/// With a comment of the moment first, "#" and "#Sat Nov 21 11:56:44 UTC 2026", as Kafka writes it.
std::string format_properties(const Properties& properties, int64_t wall_ms);

/// not_found(), is_malformed(), or any other failure of the disk.
DiskResult<Properties> read_properties(Disk& disk, const std::string& path);

}  // namespace stoker::storage
