#include "storage/cleaned_transactions.hpp"

#include <utility>

#include "record/builder.hpp"

namespace stoker::storage {

namespace {

/// A marker is a few dozen bytes.
constexpr size_t marker_size_max = 1 << 16;

}  // namespace

void CleanedTransactions::expect(std::span<const AbortedTransaction> aborted) {
    for (const AbortedTransaction& transaction : aborted) {
        expected_.emplace(transaction.first, transaction);
    }
}

void CleanedTransactions::begin_up_to(Offset offset) {
    while (!expected_.empty() && expected_.begin()->first <= offset) {
        const AbortedTransaction& transaction = expected_.begin()->second;
        // Told twice when it reaches over the end of a segment.
        aborted_.try_emplace(raw(transaction.producer), Ongoing{transaction});
        expected_.erase(expected_.begin());
    }
}

bool CleanedTransactions::is_aborted(const record::BatchHeader& header) {
    begin_up_to(header.last_offset());
    if (!header.is_transactional()) return false;
    const auto found = aborted_.find(raw(header.producer_id));
    if (found == aborted_.end()) {
        committed_.insert(raw(header.producer_id));
        return false;
    }
    found->second.batch_seen = true;
    return true;
}

Result<bool> CleanedTransactions::may_go(const record::BatchView& control) {
    begin_up_to(control.header.last_offset());
    auto reader = record::RecordReader::open(control, marker_size_max);
    if (!reader) return fail(reader.error());
    const auto next = reader->next();
    if (!next) return fail(next.error());
    // Cleaning has emptied it before.
    if (!*next) return true;
    const auto type = (*next)->key ? record::control_type(*(*next)->key) : std::nullopt;
    if (!type) return fail(ErrorCode::invalid_record);
    const ProducerId producer = control.header.producer_id;
    if (*type == record::ControlType::commit) return committed_.erase(raw(producer)) == 0;
    if (*type == record::ControlType::abort) return ends_abort(producer);
    return false;
}

bool CleanedTransactions::ends_abort(ProducerId producer) {
    const auto found = aborted_.find(raw(producer));
    // Batches that no index told to be aborted: the marker is all that says so.
    if (found == aborted_.end()) return committed_.erase(raw(producer)) == 0;
    const Ongoing ended = found->second;
    aborted_.erase(found);
    if (!ended.batch_seen) return true;
    kept_.push_back(ended.transaction);
    return false;
}

std::vector<AbortedTransaction> CleanedTransactions::take_kept() {
    return std::exchange(kept_, {});
}

}  // namespace stoker::storage
