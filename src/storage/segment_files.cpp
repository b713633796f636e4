#include "storage/segment_files.hpp"

#include <charconv>
#include <cstdint>
#include <cstdio>

namespace stoker::storage {

std::string segment_path(const std::string& folder, Offset base, std::string_view suffix) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%020lld", static_cast<long long>(raw(base)));
    std::string path;
    path.reserve(folder.size() + 1 + offset_digits + suffix.size());
    return path.append(folder).append("/").append(digits).append(suffix);
}

std::optional<Offset> parse_segment_name(std::string_view name, std::string_view suffix) {
    if (name.size() != offset_digits + suffix.size() || !name.ends_with(suffix)) return {};
    int64_t number = 0;
    const char* end = name.data() + offset_digits;
    const auto [stop, error] = std::from_chars(name.data(), end, number);
    if (error != std::errc() || stop != end || number < 0) return {};
    return Offset{number};
}

}  // namespace stoker::storage
