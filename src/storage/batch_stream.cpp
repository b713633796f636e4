#include "storage/batch_stream.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "storage/disk_error.hpp"
#include "storage/segment_recovery.hpp"

namespace stoker::storage {

DiskError given_up() { return {ECANCELED, "given up"}; }

bool is_given_up(const DiskError& error) { return error.code == ECANCELED; }

DiskResult<ByteView> BatchStream::look(size_t wanted) {
    const auto left = size_t(end_ - position());
    wanted = std::min(wanted, left);
    if (filled_ - used_ < wanted) {
        // What is left of the last block comes first in the next one.
        const size_t rest = filled_ - used_;
        const size_t size = std::min(std::max(wanted, block_size_), left);
        if (!pace_(size - rest)) return std::unexpected(given_up());
        Bytes block;
        block.reserve(size);
        block.assign(block_.begin() + std::ptrdiff_t(used_),
                     block_.begin() + std::ptrdiff_t(filled_));
        block.resize(size);
        block_at_ += int64_t(used_);
        block_.swap(block);
        used_ = 0;
        filled_ = rest;
        const MutableByteView into = MutableByteView(block_).subspan(rest);
        const auto got = file_.read(block_at_ + int64_t(rest), into);
        // One log that cannot be read is no reason to give up its directory.
        if (!got) return malformed_file("a segment", "cannot be read: " + got.error().what);
        filled_ = rest + *got;
        if (filled_ < wanted) return malformed_file("a segment", "became shorter meanwhile");
    }
    return ByteView(block_).subspan(used_, filled_ - used_);
}

DiskResult<std::optional<record::BatchView>> BatchStream::next() {
    const int64_t at = position();
    if (at >= end_) return std::nullopt;
    const auto bad = [&](const char* why) {
        return malformed_file("a segment", why + (" at position " + std::to_string(at)));
    };
    const auto start = look(record::header_size);
    if (!start) return std::unexpected(start.error());
    const auto header = record::parse_header(*start);
    if (!header || header->size() > std::min(size_t(end_ - at), batch_size_max)) {
        return bad("no whole batch");
    }
    const auto bytes = look(header->size());
    if (!bytes) return std::unexpected(bytes.error());
    const ByteView batch = bytes->first(header->size());
    if (!record::validate(batch, record::Origin::log)) return bad("no valid batch");
    used_ += batch.size();
    return record::BatchView{*header, batch};
}

}  // namespace stoker::storage
