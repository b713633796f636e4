#include "storage/batch_scanner.hpp"

#include <algorithm>

#include "record/batch_format.hpp"
#include "storage/disk_error.hpp"

namespace stoker::storage {

DiskResult<ByteView> BatchScanner::header_bytes() {
    const int64_t offset = position_ - block_at_;
    if (offset >= 0 && offset + int64_t(record::header_size) <= int64_t(block_filled_)) {
        return ByteView(block_).subspan(size_t(offset), record::header_size);
    }
    const auto wanted = size_t(std::min<int64_t>(block_size, end_ - position_));
    const MutableByteView into = MutableByteView(block_).first(wanted);
    const auto got = may_block_ ? file_.read(position_, into) : file_.read_cached(position_, into);
    block_filled_ = 0;
    if (!got) return std::unexpected(got.error());
    block_at_ = position_;
    block_filled_ = *got;
    return ByteView(block_).first(std::min(*got, record::header_size));
}

DiskResult<std::optional<ScannedBatch>> BatchScanner::next() {
    if (position_ >= end_) return std::nullopt;
    const auto bytes = header_bytes();
    if (!bytes) return std::unexpected(bytes.error());
    const auto header = record::parse_header(*bytes);
    if (!header || int64_t(header->size()) > end_ - position_) {
        return malformed_file("a segment", "no whole batch at " + std::to_string(position_));
    }
    const ScannedBatch batch{position_, *header};
    position_ = batch.end();
    return batch;
}

}  // namespace stoker::storage
