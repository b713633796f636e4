// From the decision to the end: the decision is written, every partition gets its marker, then the
// end is written. What fails is tried again until it succeeds or the partition is gone, over
// restarts too, since the log says what was decided.
#include <utility>

#include "base/check.hpp"
#include "broker/loggers.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

using storage::TopicPartition;

namespace {

/// The partition has it, or will never want it: it is gone, or a newer epoch of the same producer
/// has ended the transaction there.
bool is_settled(ErrorCode error) {
    return error == ErrorCode::none || error == ErrorCode::unknown_topic_or_partition ||
           error == ErrorCode::unknown_topic_id || error == ErrorCode::invalid_producer_epoch ||
           error == ErrorCode::transaction_coordinator_fenced;
}

}  // namespace

void TransactionCoordinator::begin_ending(Shard& shard, const std::string& id, Transaction decided,
                                          int16_t server_version, ProducerReply& reply,
                                          ProducerAnswer answer, Outbox& out) {
    const ErrorCode error = advance(shard, id, std::move(decided), server_version);
    if (error != ErrorCode::none) return out.answer(reply, ProducerAnswer{.error = error});
    auto round = std::make_shared<Round>();
    round->answer = [reply = std::exchange(reply, nullptr), answer]() mutable {
        if (reply) reply(answer);
    };
    MarkerWork work = marker_work(id, shard.entries.at(id));
    work.round = std::move(round);
    // No partition may hear of what a power cut would take back.
    std::move_only_function<void(MarkerWork)> write = [this](MarkerWork decided_work) {
        write_markers(decided_work);
    };
    out.answer(write, std::move(work), {partition_of(id)});
}

TransactionCoordinator::MarkerWork TransactionCoordinator::marker_work(const std::string& id,
                                                                       Entry& entry) {
    const Transaction& decided = entry.transaction;
    MarkerWork work{.transactional_id = id,
                    .marker = {.producer_id = decided.producer.id,
                               .producer_epoch = decided.producer.epoch,
                               .committed = decided.state == TransactionState::prepare_commit,
                               .coordinator_epoch = 0,
                               .transaction_version = decided.client_version},
                    .partitions = {decided.partitions.begin(), decided.partitions.end()},
                    .round = nullptr};
    // Without partitions there is still one thing to do: to write the end.
    entry.markers_in_flight = work.partitions.empty() ? 1 : work.partitions.size();
    return work;
}

void TransactionCoordinator::write_markers(const MarkerWork& work) {
    EndMarker marker = work.marker;
    marker.coordinator_epoch =
        environment_.coordinator_epoch(partition_of(work.transactional_id)).value_or(0);
    const std::shared_ptr<Round> round = work.round;
    const auto told = [this, id = work.transactional_id, marker, round](
                          const TopicPartition& partition, ErrorCode error) {
        marker_written(id, marker, partition, error);
        if (round && --round->left == 0) round->answer();
    };
    if (round) round->left = std::max<size_t>(work.partitions.size(), 1);
    if (work.partitions.empty()) return told({}, ErrorCode::none);
    for (const TopicPartition& partition : work.partitions)
        environment_.write_marker(
            partition, marker, [told, partition](ErrorCode error) { told(partition, error); });
}

void TransactionCoordinator::marker_written(const std::string& id, const EndMarker& marker,
                                            const TopicPartition& partition, ErrorCode error) {
    const int16_t version = environment_.transaction_version();
    auto shard = shard_of(id).lock();
    const auto found = shard->entries.find(id);
    STOKER_CHECK(found != shard->entries.end() && is_ending(found->second.transaction.state),
                 "a transaction ends when its markers are written");
    Entry& entry = found->second;
    --entry.markers_in_flight;
    if (is_settled(error)) {
        entry.transaction.partitions.erase(partition);
    } else {
        transaction_log().warn(
            "{}: the {} of the transaction of {} could not be written: {}; it will be "
            "tried again",
            to_string(partition), marker.committed ? "commit" : "abort", id, name(error));
        entry.markers_due_ms = clock_.monotonic_ms() + marker_retry_ms;
    }
    if (entry.markers_in_flight == 0 && entry.transaction.partitions.empty())
        complete(*shard, id, version);
}

void TransactionCoordinator::complete(Shard& shard, const std::string& id,
                                      int16_t server_version) {
    Entry& entry = shard.entries.at(id);
    const ErrorCode error =
        advance(shard, id, completed(entry.transaction, clock_.wall_ms()), server_version);
    if (error == ErrorCode::none) return;
    transaction_log().warn(
        "The end of the transaction of {} could not be written to __transaction_state: "
        "{}; it will be tried again",
        id, name(error));
    entry.markers_due_ms = clock_.monotonic_ms() + marker_retry_ms;
}

}  // namespace stoker::broker
