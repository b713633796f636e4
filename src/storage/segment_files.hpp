// The names of the files in a partition's folder (docs/formats/log-segment.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace stoker::storage {

inline constexpr std::string_view log_suffix = ".log";
inline constexpr std::string_view offset_index_suffix = ".index";
inline constexpr std::string_view time_index_suffix = ".timeindex";
inline constexpr std::string_view transaction_index_suffix = ".txnindex";
inline constexpr std::string_view snapshot_suffix = ".snapshot";
/// Waits for its removal.
inline constexpr std::string_view deleted_suffix = ".deleted";
/// Written by the cleaner, not yet complete.
inline constexpr std::string_view cleaned_suffix = ".cleaned";
/// Complete; replaces the segments that it covers.
inline constexpr std::string_view swap_suffix = ".swap";
/// Half of a replacement by replace_file or by a repair.
inline constexpr std::string_view temporary_suffix = ".tmp";
/// Damaged bytes that recovery took out of a segment.
inline constexpr std::string_view quarantine_suffix = ".quarantine";

/// The digits that all names of a segment begin with.
inline constexpr size_t offset_digits = 20;

/// "FOLDER/00000000000000000042.log"
std::string segment_path(const std::string& folder, Offset base, std::string_view suffix);

/// 42 for "00000000000000000042.log" and ".log"; nothing for any other name.
std::optional<Offset> parse_segment_name(std::string_view name, std::string_view suffix);

}  // namespace stoker::storage
