#include "storage/offset_index.hpp"

#include <array>
#include <limits>

#include "base/big_endian.hpp"
#include "base/check.hpp"

namespace stoker::storage {

namespace {

constexpr size_t position_at = 4;

int64_t relative_offset(const std::byte* entry) { return load_big_endian<int32_t>(entry); }
int64_t position_of(const std::byte* entry) {
    return load_big_endian<int32_t>(entry + position_at);
}

OffsetPosition parse(const IndexEntry& entry, Offset base) {
    return {base + relative_offset(entry.bytes.data()), position_of(entry.bytes.data())};
}

DiskResult<OffsetPosition> found(const DiskResult<std::optional<IndexEntry>>& entry, Offset base) {
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) return OffsetPosition{base, 0};
    return parse(**entry, base);
}

}  // namespace

void OffsetIndex::append(Offset last_offset, int64_t position) {
    const int64_t relative = last_offset - base_;
    constexpr int64_t most = std::numeric_limits<int32_t>::max();
    STOKER_CHECK(relative >= 0 && relative <= most, "the segment was rolled in time");
    STOKER_CHECK(position >= 0 && position <= most, "the segment was rolled in time");
    std::array<std::byte, entry_size> entry;
    store_big_endian(entry.data(), int32_t(relative));
    store_big_endian(entry.data() + position_at, int32_t(position));
    file_.append(entry);
}

DiskResult<bool> OffsetIndex::is_plausible(int64_t log_size) const {
    if (file_.odd_bytes() != 0) return false;
    const int64_t count = file_.count();
    if (count == 0) return true;
    const IndexView view = file_.view(true);
    const auto first = offset_entry(view, base_, 0);
    if (!first) return std::unexpected(first.error());
    const auto last = offset_entry(view, base_, count - 1);
    if (!last) return std::unexpected(last.error());
    if (first->offset < base_ || first->position < 0) return false;
    // A file that Apache Kafka had no time to trim ends in zeros.
    if (count > 1 && (last->offset <= first->offset || last->position <= first->position)) {
        return false;
    }
    return last->position < log_size;
}

DiskResult<OffsetPosition> find_offset(const IndexView& index, Offset base, Offset offset) {
    return found(index.last_at_most(relative_offset, offset - base), base);
}

DiskResult<OffsetPosition> find_position(const IndexView& index, Offset base, int64_t position) {
    return found(index.last_at_most(position_of, position), base);
}

DiskResult<OffsetPosition> offset_entry(const IndexView& index, Offset base, int64_t slot) {
    const auto entry = index.at(slot);
    if (!entry) return std::unexpected(entry.error());
    return parse(*entry, base);
}

}  // namespace stoker::storage
