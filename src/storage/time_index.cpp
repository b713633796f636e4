#include "storage/time_index.hpp"

#include <array>
#include <limits>

#include "base/big_endian.hpp"
#include "base/check.hpp"

namespace stoker::storage {

namespace {

constexpr size_t offset_at = 8;

int64_t timestamp_of(const std::byte* entry) { return load_big_endian<int64_t>(entry); }

TimeEntry parse(const IndexEntry& entry, Offset base) {
    const std::byte* bytes = entry.bytes.data();
    return {timestamp_of(bytes), base + load_big_endian<int32_t>(bytes + offset_at)};
}

}  // namespace

void TimeIndex::append(const TimeEntry& entry) {
    const int64_t relative = entry.offset - base_;
    STOKER_CHECK(relative >= 0 && relative <= std::numeric_limits<int32_t>::max(),
                 "the segment was rolled in time");
    std::array<std::byte, entry_size> bytes;
    store_big_endian(bytes.data(), entry.timestamp_ms);
    store_big_endian(bytes.data() + offset_at, int32_t(relative));
    file_.append(bytes);
}

DiskResult<TimeEntry> TimeIndex::last() const {
    if (file_.count() == 0) return TimeEntry{-1, base_};
    const auto entry = file_.view(true).at(file_.count() - 1);
    if (!entry) return std::unexpected(entry.error());
    return parse(*entry, base_);
}

DiskResult<bool> TimeIndex::is_plausible(Offset end) const {
    if (file_.odd_bytes() != 0) return false;
    if (file_.count() == 0) return true;
    const auto first = file_.view(true).at(0);
    if (!first) return std::unexpected(first.error());
    const auto final = last();
    if (!final) return std::unexpected(final.error());
    const TimeEntry start = parse(*first, base_);
    if (start.timestamp_ms < 0 || start.offset < base_ || final->offset >= end) return false;
    return file_.count() == 1 ||
           (final->timestamp_ms > start.timestamp_ms && final->offset > start.offset);
}

DiskResult<TimeEntry> find_time(const IndexView& index, Offset base, int64_t timestamp_ms) {
    const auto entry = index.last_at_most(timestamp_of, timestamp_ms);
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) return TimeEntry{-1, base};
    return parse(**entry, base);
}

}  // namespace stoker::storage
