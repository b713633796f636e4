// Log: transactions. Who may begin one, how far all are decided, and which were aborted.

#include <algorithm>
#include <iterator>
#include <utility>

#include "storage/disk_error.hpp"
#include "storage/log.hpp"
#include "storage/loggers.hpp"
#include "storage/segment_files.hpp"

namespace stoker::storage {

Result<VerificationGuard> Log::begin_verification(const TransactionStart& start) {
    return writer_.lock()->producers.begin_verification(start, context_.clock.wall_ms());
}

/// An open transaction whose records were deleted holds back nothing before the log start.
void Log::update_last_stable(LogWriter& writer) {
    const Offset mark = high_watermark();
    const Offset first = writer.producers.first_unstable(mark).value_or(mark);
    const Offset stable = std::min(mark, std::max(first, start_offset()));
    last_stable_offset_.store(raw(stable), std::memory_order_release);
}

/// The entry is in the index before its marker is in the log, and readers do not see it yet. When
/// the process ends in between, recovery makes this segment's index anew.
Result<void> Log::index_aborted(LogWriter& writer) {
    Segment& active = *writer.active;
    if (active.aborted == nullptr) {
        auto file = context_.disk.open(
            segment_path(folder_, active.base, transaction_index_suffix), OpenMode::create);
        if (!file) return fail(storage_failure(file.error()));
        folder_unsynced_ = true;
        auto shared = shared_.lock();
        active.aborted = std::move(*file);
        active.aborted_size = 0;
    }
    const Bytes entries = encode_aborted_transactions(writer.update.aborted());
    const auto put = active.aborted->write(active.aborted_size, entries);
    if (put) return {};
    take_back_aborted(writer);
    return fail(storage_failure(put.error()));
}

void Log::take_back_aborted(const LogWriter& writer) {
    const Segment& active = *writer.active;
    const auto cut = active.aborted->truncate(active.aborted_size);
    if (!cut) context_.directory.retire(cut.error());
}

Result<std::optional<std::vector<AbortedTransaction>>> Log::aborted_transactions(
    Offset from, Offset up_to, bool may_block) const {
    struct Index {
        std::shared_ptr<File> file;
        int64_t size = 0;
    };
    std::vector<Index> indexes;
    {
        const auto shared = shared_.lock();
        const auto& segments = shared->segments;
        // Their markers are in the segment of `from` or behind it.
        auto segment = std::ranges::upper_bound(
            segments, from, {}, [](const auto& each) { return each->base; });
        if (segment != segments.begin()) --segment;
        for (; segment != segments.end(); ++segment) {
            if ((*segment)->aborted_size == 0) continue;
            indexes.push_back({(*segment)->aborted, (*segment)->aborted_size});
        }
    }
    std::vector<AbortedTransaction> all;
    for (const Index& index : indexes) {
        auto search = find_aborted_transactions(*index.file, index.size, from, up_to, may_block);
        if (!search && search.error().would_block()) return std::nullopt;
        if (!search) {
            // Retention may have taken the segment away meanwhile.
            if (from < start_offset()) return fail(ErrorCode::offset_out_of_range);
            logger().error("Reading a transaction index failed: {}", search.error().what);
            return fail(ErrorCode::kafka_storage_error);
        }
        std::ranges::move(search->found, std::back_inserter(all));
        if (search->complete) break;
    }
    return all;
}

}  // namespace stoker::storage
