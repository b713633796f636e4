#include "broker/transaction/end_marker.hpp"

#include <utility>

#include "broker/broker.hpp"
#include "broker/partition.hpp"
#include "record/builder.hpp"

namespace stoker::broker {

namespace {

Result<Offset> append_marker(Broker& broker, Partition& partition, const EndMarker& marker) {
    const int64_t now_ms = broker.clock().wall_ms();
    Bytes batch = record::build_batch(
        record::EndTransactionMarker{.timestamp_ms = now_ms,
                                     .leader_epoch = partition.leader_epoch(),
                                     .producer_id = marker.producer_id,
                                     .producer_epoch = marker.producer_epoch,
                                     .commit = marker.committed,
                                     .coordinator_epoch = marker.coordinator_epoch});
    auto appended = partition.append(batch, {.now_ms = now_ms,
                                             .from_client = false,
                                             .transaction_version = marker.transaction_version});
    if (!appended) return fail(appended.error());
    return appended->last_offset;
}

}  // namespace

void write_end_marker(Broker& broker, const std::string& topic, PartitionId partition_id,
                      const EndMarker& marker, std::function<void(ErrorCode)> done) {
    const TopicPointer found = broker.metadata().find(topic);
    const auto partition = found ? found->partition(partition_id) : nullptr;
    if (!partition) return done(ErrorCode::unknown_topic_or_partition);
    const auto append = [&] { return append_marker(broker, *partition, marker); };
    const auto written = topic == group_metadata_topic
                             ? broker.groups().end_transaction(partition_id, marker.producer_id,
                                                               marker.committed, append)
                             : append();
    if (!written) return done(written.error());
    partition->when_durable(*written + 1, std::move(done));
}

}  // namespace stoker::broker
