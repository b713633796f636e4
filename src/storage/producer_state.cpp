#include "storage/producer_state.hpp"

#include <algorithm>
#include <limits>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "record/builder.hpp"

namespace stoker::storage {

namespace {

using record::BatchHeader;
using record::BatchView;
using Source = ProducerCheck::Source;

constexpr int16_t no_epoch = record::no_producer_epoch;
/// A marker is a few dozen bytes.
constexpr size_t marker_size_max = 1 << 16;

bool follows(int32_t last_sequence, int32_t next) {
    if (last_sequence == std::numeric_limits<int32_t>::max()) return next == 0;
    return next == last_sequence + 1;
}

/// A producer's batch against what is known; `known_before` says whether anything was, before the
/// append that the batch is part of.
Result<void> check_sequence(const ProducerEntry& entry, bool known_before,
                            const BatchHeader& header) {
    const bool new_epoch = header.producer_epoch != entry.epoch;
    if (new_epoch) {
        // A producer that is not known, because its records were deleted or it was silent for
        // long, may go on with any sequence; one that is known starts an epoch with 0.
        if (header.base_sequence == 0 || entry.epoch == no_epoch) return {};
        return fail(ErrorCode::out_of_order_sequence_number);
    }
    const ProducerBatch* last = entry.last_batch();
    const int32_t last_sequence = last != nullptr ? last->last_sequence : record::no_sequence;
    if (!known_before || follows(last_sequence, header.base_sequence)) return {};
    return fail(ErrorCode::out_of_order_sequence_number);
}

void set_epoch(ProducerEntry& entry, int16_t epoch) {
    if (entry.epoch == epoch) return;
    entry.epoch = epoch;
    entry.batch_count = 0;
    entry.batches = {};
}

void add_batch(ProducerEntry& entry, const BatchHeader& header) {
    set_epoch(entry, header.producer_epoch);
    if (entry.batch_count == ProducerEntry::batches_max) {
        std::shift_left(entry.batches.begin(), entry.batches.end(), 1);
        --entry.batch_count;
    }
    entry.batches[entry.batch_count++] = {header.last_sequence(), header.last_offset(),
                                          header.last_offset_delta, header.max_timestamp};
    entry.last_timestamp_ms = header.max_timestamp;
}

/// The batch that `header` repeats, if it is among the last five.
const ProducerBatch* find_duplicate(const ProducerEntry& entry, const BatchHeader& header) {
    if (header.producer_epoch != entry.epoch) return nullptr;
    for (const ProducerBatch& batch : entry.known_batches()) {
        if (batch.last_sequence == header.last_sequence() &&
            batch.first_sequence() == header.base_sequence) {
            return &batch;
        }
    }
    return nullptr;
}

struct Marker {
    int64_t timestamp_ms = -1;
    int32_t coordinator_epoch = -1;
    bool ends_transaction = false;  // not another kind of control record
    bool aborts = false;
};

/// The first version of transactions in which a marker has an epoch of its own.
constexpr int16_t first_version_with_bumped_markers = 2;

bool is_fenced(const ProducerEntry& entry, const BatchHeader& header, const ProducerCheck& how) {
    const bool bumped =
        header.is_control() && how.transaction_version >= first_version_with_bumped_markers;
    if (!bumped || header.producer_epoch != entry.epoch) {
        return header.producer_epoch < entry.epoch;
    }
    // With nothing open, it is a marker that was written before and is repeated; above the last
    // epoch there is none.
    return entry.transaction_start >= Offset{0} &&
           header.producer_epoch != std::numeric_limits<int16_t>::max();
}

/// The one record of a control batch; nothing when compaction left the batch empty.
Result<std::optional<Marker>> read_marker(const BatchView& batch) {
    auto reader = record::RecordReader::open(batch, marker_size_max);
    if (!reader) return fail(reader.error());
    auto next = reader->next();
    if (!next) return fail(next.error());
    if (!*next) return std::nullopt;
    const record::RecordView& found = **next;
    const auto type = found.key ? record::control_type(*found.key) : std::nullopt;
    if (!type) return fail(ErrorCode::invalid_record);
    Marker marker{.timestamp_ms = found.timestamp};
    if (*type != record::ControlType::abort && *type != record::ControlType::commit) return marker;
    // int16 version, int32 coordinator epoch
    constexpr size_t value_size = 6;
    if (!found.value || found.value->size() < value_size) return fail(ErrorCode::invalid_record);
    marker.ends_transaction = true;
    marker.aborts = *type == record::ControlType::abort;
    marker.coordinator_epoch = load_big_endian<int32_t>(found.value->data() + 2);
    return marker;
}

}  // namespace

int32_t ProducerBatch::first_sequence() const {
    // Sequences go from 2^31-1 to 0.
    constexpr int64_t sequences = int64_t{1} << 31;
    const int64_t first = int64_t{last_sequence} - offset_delta;
    return int32_t(first < 0 ? first + sequences : first);
}

const ProducerBatch* ProducerEntry::last_batch() const {
    return batch_count == 0 ? nullptr : &batches[batch_count - 1];
}

void ProducerUpdate::clear() {
    entries_.clear();
    started_.clear();
    completed_.clear();
    aborted_.clear();
    transactional_ = false;
}

const ProducerEntry* ProducerState::find(ProducerId id) const {
    const auto found = producers_.find(raw(id));
    return found == producers_.end() ? nullptr : &found->second;
}

const ProducerEntry* ProducerState::find(ProducerId id, const ProducerUpdate& update) const {
    for (const ProducerEntry& entry : update.entries_) {
        if (entry.id == id) return &entry;
    }
    return find(id);
}

ProducerEntry& ProducerState::working_copy(ProducerId id, ProducerUpdate& update) const {
    for (ProducerEntry& entry : update.entries_) {
        if (entry.id == id) return entry;
    }
    const ProducerEntry* known = find(id);
    return update.entries_.emplace_back(known != nullptr ? *known : ProducerEntry{.id = id});
}

Result<std::optional<ProducerBatch>> ProducerState::check(const BatchView& batch,
                                                          const ProducerCheck& how,
                                                          ProducerUpdate& update) const {
    const BatchHeader& header = batch.header;
    if (!header.has_producer_id()) return std::nullopt;
    const ProducerEntry* known =
        how.separate ? find(header.producer_id, update) : find(header.producer_id);
    if (how.source == Source::client && known != nullptr) {
        if (const ProducerBatch* first = find_duplicate(*known, header)) return *first;
    }
    const bool known_before = known != nullptr && known->epoch != no_epoch;
    ProducerEntry& entry = working_copy(header.producer_id, update);
    if (how.source != Source::log && is_fenced(entry, header, how)) {
        return fail(ErrorCode::invalid_producer_epoch);
    }
    entry.seen_ms = how.now_ms;
    if (header.is_control()) {
        const auto good = check_marker(batch, how, entry, update);
        if (!good) return fail(good.error());
        return std::nullopt;
    }
    if (header.is_transactional() && how.source != Source::log) {
        const auto good = check_verification(entry, header, how);
        if (!good) return fail(good.error());
    }
    if (how.source == Source::client) {
        if (auto good = check_sequence(entry, known_before, header); !good) {
            return fail(good.error());
        }
    }
    const bool open = entry.transaction_start >= Offset{0};
    if (open && !header.is_transactional() && how.source != Source::log) {
        return fail(ErrorCode::invalid_txn_state);
    }
    add_batch(entry, header);
    if (header.is_transactional()) {
        update.transactional_ = true;
        if (!open) {
            entry.transaction_start = header.base_offset;
            update.started_.push_back(header.base_offset);
        }
    }
    return std::nullopt;
}

/// A transactional batch belongs to a transaction that is open here, or that the coordinator knows.
Result<void> ProducerState::check_verification(const ProducerEntry& entry,
                                               const BatchHeader& header,
                                               const ProducerCheck& how) const {
    const bool open = entry.transaction_start >= Offset{0} && entry.epoch == header.producer_epoch;
    if (open || how.verification == VerificationGuard::not_needed) return {};
    const auto* verified = verifications_.find(header.producer_id);
    if (verified == nullptr || verified->guard != how.verification) {
        return fail(ErrorCode::invalid_txn_state);
    }
    if (how.source != Source::client) return {};
    const bool unknown = entry.last_batch() == nullptr;
    const bool must_be_first = verified->bumps_epoch && unknown && header.base_sequence != 0;
    if (must_be_first || header.base_sequence > verified->lowest_sequence) {
        return fail(ErrorCode::out_of_order_sequence_number);
    }
    return {};
}

Result<void> ProducerState::check_marker(const BatchView& batch, const ProducerCheck& how,
                                         ProducerEntry& entry, ProducerUpdate& update) const {
    const BatchHeader& header = batch.header;
    const auto marker = read_marker(batch);
    if (!marker) return fail(marker.error());
    if (!*marker || !(*marker)->ends_transaction) return {};
    if (how.source != Source::log && (*marker)->coordinator_epoch < entry.coordinator_epoch) {
        return fail(ErrorCode::transaction_coordinator_fenced);
    }
    if (entry.transaction_start >= Offset{0}) {
        const ProducerUpdate::Completed completed{entry.transaction_start, header.base_offset};
        update.completed_.push_back(completed);
        if ((*marker)->aborts) {
            update.aborted_.push_back({.producer = entry.id,
                                       .first = completed.start,
                                       .last = completed.marker,
                                       .last_stable = stable_after(completed)});
        }
    }
    set_epoch(entry, header.producer_epoch);
    entry.coordinator_epoch = (*marker)->coordinator_epoch;
    entry.last_timestamp_ms = (*marker)->timestamp_ms;
    entry.transaction_start = Offset{-1};
    update.transactional_ = true;
    return {};
}

Offset ProducerState::stable_after(const ProducerUpdate::Completed& completed) const {
    const auto oldest =
        std::ranges::find_if(open_, [&](Offset start) { return start != completed.start; });
    return oldest == open_.end() ? completed.marker + 1 : *oldest;
}

void ProducerState::commit(const ProducerUpdate& update) {
    for (const ProducerEntry& entry : update.entries_) producers_[raw(entry.id)] = entry;
    open_.insert(update.started_.begin(), update.started_.end());
    for (const auto& completed : update.completed_) {
        open_.erase(completed.start);
        undecided_.push_back(completed);
    }
    if (update.transactional_ && !verifications_.empty()) {
        for (const ProducerEntry& entry : update.entries_) verifications_.end(entry.id);
    }
}

std::span<const AbortedTransaction> ProducerState::replay(const BatchView& batch,
                                                          int64_t now_ms) {
    replayed_.clear();
    if (!batch.header.has_producer_id()) return {};
    const ProducerCheck how{.source = Source::log, .now_ms = now_ms};
    if (!check(batch, how, replayed_)) return {};
    commit(replayed_);
    return replayed_.aborted();
}

Result<VerificationGuard> ProducerState::begin_verification(const TransactionStart& start,
                                                            int64_t now_ms) {
    const ProducerEntry* known = find(start.producer);
    if (known != nullptr && start.epoch < known->epoch) {
        return fail(ErrorCode::invalid_producer_epoch);
    }
    const bool open = known != nullptr && known->transaction_start >= Offset{0} &&
                      known->epoch == start.epoch;
    return open ? VerificationGuard::none : verifications_.begin(start, now_ms);
}

void ProducerState::recall(std::span<const BatchHeader> headers) {
    std::unordered_map<int64_t, ProducerEntry> recalled;
    for (const BatchHeader& header : headers) {
        const ProducerEntry* known = find(header.producer_id);
        if (known == nullptr || known->epoch != header.producer_epoch) continue;
        ProducerEntry& entry = recalled[raw(header.producer_id)];
        entry.epoch = known->epoch;
        add_batch(entry, header);
    }
    for (const auto& [id, entry] : recalled) {
        ProducerEntry& known = producers_[id];
        const ProducerBatch* last = known.last_batch();
        if (last == nullptr || entry.last_batch()->last_offset != last->last_offset) continue;
        known.batches = entry.batches;
        known.batch_count = entry.batch_count;
    }
}

std::optional<Offset> ProducerState::first_unstable(Offset high_watermark) const {
    std::optional<Offset> first;
    if (!open_.empty()) first = *open_.begin();
    for (const auto& completed : undecided_) {
        if (completed.marker < high_watermark) continue;
        if (!first || completed.start < *first) first = completed.start;
    }
    return first;
}

void ProducerState::high_watermark_moved(Offset high_watermark) {
    std::erase_if(undecided_,
                  [&](const auto& completed) { return completed.marker < high_watermark; });
}

void ProducerState::expire(int64_t now_ms, int64_t expiration_ms) {
    std::erase_if(producers_, [&](const auto& item) {
        const ProducerEntry& entry = item.second;
        return entry.transaction_start < Offset{0} &&
               now_ms - entry.seen_ms >= expiration_ms;
    });
    verifications_.expire(now_ms, expiration_ms);
}

std::vector<ProducerEntry> ProducerState::entries() const {
    std::vector<ProducerEntry> entries;
    entries.reserve(producers_.size());
    for (const auto& item : producers_) entries.push_back(item.second);
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return entries;
}

void ProducerState::load(std::span<const ProducerEntry> entries, int64_t now_ms) {
    clear();
    for (const ProducerEntry& entry : entries) {
        ProducerEntry& loaded = producers_[raw(entry.id)] = entry;
        loaded.seen_ms = now_ms;
        if (entry.transaction_start >= Offset{0}) open_.insert(entry.transaction_start);
    }
}

void ProducerState::clear() {
    producers_.clear();
    open_.clear();
    undecided_.clear();
    verifications_.clear();
}

}  // namespace stoker::storage
