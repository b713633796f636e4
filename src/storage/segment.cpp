#include "storage/segment.hpp"

#include <utility>

#include "storage/disk_error.hpp"
#include "storage/loggers.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

namespace {

/// Rebuilding writes larger pieces than appending.
constexpr size_t rebuild_tail_entries = 4096;

}  // namespace

void SegmentIndexes::note_batch(const record::BatchHeader& header, int64_t position,
                                int32_t interval_bytes) {
    if (header.max_timestamp > largest.timestamp_ms) {
        largest = {header.max_timestamp, header.last_offset()};
    }
    if (bytes_since_entry > interval_bytes) {
        offset.append(header.last_offset(), position);
        note_end();
        bytes_since_entry = 0;
    }
    bytes_since_entry += int64_t(header.size());
}

void SegmentIndexes::note_end() {
    if (largest.timestamp_ms <= indexed_timestamp_ms) return;
    time.append(largest);
    indexed_timestamp_ms = largest.timestamp_ms;
}

bool SegmentIndexes::tails_are_full(size_t entries_max) const {
    return offset.file().tail_is_full(entries_max) || time.file().tail_is_full(entries_max);
}

DiskResult<void> SegmentIndexes::write_tails() const {
    if (const auto done = offset.file().write_tail(); !done) return done;
    return time.file().write_tail();
}

void SegmentIndexes::drop_tails() {
    offset.file().drop_tail();
    time.file().drop_tail();
}

DiskResult<std::shared_ptr<Segment>> Segment::open(Disk& disk, const std::string& folder,
                                                   Offset base) {
    auto file = disk.open(segment_path(folder, base, log_suffix), OpenMode::write);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    auto segment = std::make_shared<Segment>(base, std::move(*file));
    segment->size = *size;
    return segment;
}

DiskResult<std::shared_ptr<Segment>> Segment::create(Disk& disk, const std::string& folder,
                                                     Offset base, std::string_view stage) {
    const std::string path = segment_path(folder, base, log_suffix).append(stage);
    auto file = disk.open(path, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    auto indexes = create_indexes(disk, folder, base, stage);
    if (!indexes) return std::unexpected(indexes.error());
    auto segment = std::make_shared<Segment>(base, std::move(*file));
    segment->indexes = std::move(*indexes);
    return segment;
}

DiskResult<SegmentIndexes> create_indexes(Disk& disk, const std::string& folder, Offset base,
                                          std::string_view stage) {
    const auto path = [&](std::string_view suffix) {
        return segment_path(folder, base, suffix).append(stage);
    };
    auto offset = IndexFile::create(disk, path(offset_index_suffix), OffsetIndex::entry_size);
    if (!offset) return std::unexpected(offset.error());
    auto time = IndexFile::create(disk, path(time_index_suffix), TimeIndex::entry_size);
    if (!time) return std::unexpected(time.error());
    SegmentIndexes indexes;
    indexes.offset = OffsetIndex(std::move(*offset), base);
    indexes.time = TimeIndex(std::move(*time), base);
    indexes.largest.offset = base;
    return indexes;
}

DiskResult<std::optional<SegmentIndexes>> load_indexes(Disk& disk, const std::string& folder,
                                                       const Segment& segment, Offset end) {
    const std::string offset_path = segment_path(folder, segment.base, offset_index_suffix);
    const std::string time_path = segment_path(folder, segment.base, time_index_suffix);
    for (const std::string* path : {&offset_path, &time_path}) {
        const auto there = disk.exists(*path);
        if (!there) return std::unexpected(there.error());
        if (!*there) return std::nullopt;
    }
    auto offset = IndexFile::open(disk, offset_path, OffsetIndex::entry_size);
    if (!offset) return std::unexpected(offset.error());
    auto time = IndexFile::open(disk, time_path, TimeIndex::entry_size);
    if (!time) return std::unexpected(time.error());
    SegmentIndexes indexes;
    indexes.offset = OffsetIndex(std::move(*offset), segment.base);
    indexes.time = TimeIndex(std::move(*time), segment.base);

    const auto offset_good = indexes.offset.is_plausible(segment.size);
    if (!offset_good) return std::unexpected(offset_good.error());
    const auto time_good = indexes.time.is_plausible(end);
    if (!time_good) return std::unexpected(time_good.error());
    if (!*offset_good || !*time_good) return std::nullopt;
    // A segment with data that was closed in order has an entry, if its records have timestamps.
    if (segment.size > 0 && indexes.time.file().count() == 0) return std::nullopt;

    const auto largest = indexes.time.last();
    if (!largest) return std::unexpected(largest.error());
    indexes.largest = *largest;
    indexes.indexed_timestamp_ms = largest->timestamp_ms;
    return indexes;
}

DiskResult<SegmentIndexes> rebuild_indexes(Disk& disk, const std::string& folder,
                                           const Segment& segment, int64_t size,
                                           int32_t interval_bytes) {
    auto indexes = create_indexes(disk, folder, segment.base);
    if (!indexes) return indexes;
    BatchScanner scanner(*segment.file, 0, size);
    for (;;) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        const bool done = !*batch;
        if (!done) indexes->note_batch((*batch)->header, (*batch)->position, interval_bytes);
        if (done) indexes->note_end();
        if (done || indexes->tails_are_full(rebuild_tail_entries)) {
            if (const auto put = indexes->write_tails(); !put) return std::unexpected(put.error());
            indexes->drop_tails();
        }
        if (done) return indexes;
    }
}

DiskResult<bool> open_transaction_index(Disk& disk, const std::string& folder, Segment& segment,
                                        Offset end) {
    const std::string path = segment_path(folder, segment.base, transaction_index_suffix);
    auto file = disk.open(path, OpenMode::write);
    if (!file) return std::unexpected(file.error());
    const auto size = (*file)->size();
    if (!size) return std::unexpected(size.error());
    const auto good = is_plausible_transaction_index(**file, *size, segment.base, end);
    if (!good) return good;
    if (!*good) logger().warn("{} is damaged; it is made anew from the log.", path);
    segment.aborted = std::move(*file);
    segment.aborted_size = *size;
    return good;
}

DiskResult<void> rebuild_transaction_index(Disk& disk, const std::string& folder, Segment& segment,
                                           std::span<const AbortedTransaction> aborted,
                                           std::string_view stage) {
    const std::string path =
        segment_path(folder, segment.base, transaction_index_suffix).append(stage);
    segment.aborted = nullptr;
    segment.aborted_size = 0;
    if (aborted.empty()) return disk.remove(path);
    auto file = disk.open(path, OpenMode::create);
    if (!file) return std::unexpected(file.error());
    const Bytes entries = encode_aborted_transactions(aborted);
    if (const auto done = (*file)->write(0, entries); !done) return done;
    if (const auto done = (*file)->sync(); !done) return done;
    segment.aborted = std::move(*file);
    segment.aborted_size = int64_t(entries.size());
    return {};
}

DiskResult<FoundBatch> find_batch(const Segment& segment, const IndexView& index, int64_t size,
                             Offset offset) {
    const auto entry = find_offset(index, segment.base, offset);
    if (!entry) return std::unexpected(entry.error());
    if (entry->position >= size && size > 0) return malformed_file("an index", "points too far");
    BatchScanner scanner(*segment.file, entry->position, size, index.may_block);
    for (bool first = true;; first = false) {
        const auto batch = scanner.next();
        if (!batch) return std::unexpected(batch.error());
        if (!*batch) return FoundBatch{};
        const Offset last = (*batch)->header.last_offset();
        const bool fits = entry->position == 0 || last == entry->offset;
        if (first && !fits) return malformed_file("an index", "does not fit its segment");
        if (last >= offset) return FoundBatch{**batch, true};
    }
}

DiskResult<Bytes> read_batch(File& file, const ScannedBatch& batch, bool may_block) {
    Bytes bytes(batch.header.size());
    const auto got = may_block ? file.read(batch.position, bytes)
                               : file.read_cached(batch.position, bytes);
    if (!got) return std::unexpected(got.error());
    if (*got < bytes.size()) return malformed_file("a segment", "a batch is cut short");
    return bytes;
}

}  // namespace stoker::storage
