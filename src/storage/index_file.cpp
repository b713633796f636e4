#include "storage/index_file.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "storage/disk_error.hpp"

namespace stoker::storage {

namespace {

/// A search reads so many entries at once at its end, instead of halving on.
constexpr int64_t search_block_entries = 64;

}  // namespace

DiskResult<void> IndexView::read(int64_t slot, MutableByteView into) const {
    const int64_t position = slot * int64_t(entry_size);
    const auto got = may_block ? file->read(position, into) : file->read_cached(position, into);
    if (!got) return std::unexpected(got.error());
    if (*got < into.size()) return malformed_file("an index", "became shorter");
    return {};
}

DiskResult<IndexEntry> IndexView::at(int64_t slot) const {
    STOKER_CHECK(slot >= 0 && slot < count(), "an index entry that is there");
    IndexEntry entry{slot, {}};
    const MutableByteView into = MutableByteView(entry.bytes).first(entry_size);
    if (slot >= written) {
        const size_t start = size_t(slot - written) * entry_size;
        std::copy_n(tail.begin() + std::ptrdiff_t(start), entry_size, into.begin());
        return entry;
    }
    if (const auto done = read(slot, into); !done) return std::unexpected(done.error());
    return entry;
}

DiskResult<std::optional<IndexEntry>> IndexView::last_at_most(IndexKey key, int64_t target) const {
    for (size_t end = tail.size(); end > 0; end -= entry_size) {
        if (key(tail.data() + end - entry_size) <= target) {
            const auto entry = at(written + int64_t(end / entry_size) - 1);
            if (!entry) return std::unexpected(entry.error());
            return *entry;
        }
    }
    return search_file(key, target);
}

DiskResult<std::optional<IndexEntry>> IndexView::search_file(IndexKey key, int64_t target) const {
    int64_t low = 0;  // all below are at most target
    int64_t high = written;
    while (high - low > search_block_entries) {
        const int64_t middle = low + (high - low) / 2;
        const auto entry = at(middle);
        if (!entry) return std::unexpected(entry.error());
        if (key(entry->bytes.data()) <= target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    std::array<std::byte, size_t(search_block_entries) * index_entry_size_max> block;
    const size_t entries = size_t(high - low);
    if (entries == 0) return std::nullopt;
    const MutableByteView into = MutableByteView(block).first(entries * entry_size);
    if (const auto done = read(low, into); !done) return std::unexpected(done.error());
    for (size_t i = entries; i-- > 0;) {
        const std::byte* bytes = block.data() + i * entry_size;
        if (key(bytes) > target) continue;
        IndexEntry entry{low + int64_t(i), {}};
        std::copy_n(bytes, entry_size, entry.bytes.begin());
        return entry;
    }
    return std::nullopt;
}

IndexFile::IndexFile(std::shared_ptr<File> file, size_t entry_size, int64_t size)
    : file_(std::move(file)),
      entry_size_(entry_size),
      written_(size / int64_t(entry_size)),
      odd_bytes_(size_t(size % int64_t(entry_size))) {
    STOKER_CHECK(entry_size <= index_entry_size_max, "an entry fits");
}

DiskResult<IndexFile> IndexFile::open(Disk& disk, const std::string& path, size_t entry_size) {
    auto file = disk.open(path, OpenMode::write);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    return IndexFile(std::move(*file), entry_size, *size);
}

DiskResult<IndexFile> IndexFile::create(Disk& disk, const std::string& path, size_t entry_size) {
    auto file = disk.open(path, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    return IndexFile(std::move(*file), entry_size, 0);
}

void IndexFile::append(ByteView entry) {
    STOKER_CHECK(entry.size() == entry_size_, "an entry of this index");
    if (tail_.capacity() == 0) tail_.reserve((tail_entries_max + 1) * entry_size_);
    tail_.insert(tail_.end(), entry.begin(), entry.end());
}

DiskResult<void> IndexFile::write_tail() const {
    if (tail_.empty()) return {};
    return file_->write(written_ * int64_t(entry_size_), tail_);
}

void IndexFile::drop_tail() {
    written_ += int64_t(tail_.size() / entry_size_);
    tail_.clear();
}

void IndexFile::release_memory() {
    if (tail_.empty()) Bytes().swap(tail_);
}

IndexView IndexFile::view(bool may_block) const {
    return {file_, entry_size_, written_, tail_, may_block};
}

}  // namespace stoker::storage
