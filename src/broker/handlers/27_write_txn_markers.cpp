// WriteTxnMarkers (27), versions 1 and 2.
//
// Behaviour: writes the markers that end transactions into partitions, and answers when they are
// durable. On one node the coordinator does that without a request; this one is for administrators
// with a transaction that hangs (kafka-transactions abort).
// Version notes: 2 says which version of transactions a marker is of.
#include <atomic>
#include <memory>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/end_marker.hpp"

namespace stoker::broker {

using protocol::WriteTxnMarkersRequest;
using protocol::WriteTxnMarkersResponse;

namespace {

/// The answer, until the last marker is durable.
struct PendingMarkers {
    PendingMarkers(WriteTxnMarkersResponse answer, Reply<WriteTxnMarkersResponse> promise)
        : response(std::move(answer)), reply(std::move(promise)) {}

    /// Each slot belongs to one marker, so no two threads write the same.
    WriteTxnMarkersResponse response;
    Reply<WriteTxnMarkersResponse> reply;
    std::atomic<int> outstanding = 1;  // the handler itself, until it has gone through all

    void one_done() {
        if (--outstanding == 0) std::move(reply)(response);
    }
};

WriteTxnMarkersResponse slots_for(const WriteTxnMarkersRequest& asked) {
    WriteTxnMarkersResponse response;
    for (const auto& marker : asked.markers) {
        auto& answered = response.markers.emplace_back();
        answered.producer_id = marker.producer_id;
        for (const auto& topic : marker.topics) {
            auto& slots = answered.topics.emplace_back();
            slots.name = topic.name;
            for (const PartitionId partition : topic.partition_indexes) {
                slots.partitions.push_back({.partition_index = partition});
            }
        }
    }
    return response;
}

void write(Broker& broker, const WriteTxnMarkersRequest::WritableTxnMarker& marker,
           const std::shared_ptr<PendingMarkers>& all,
           WriteTxnMarkersResponse::WritableTxnMarkerResult& answer) {
    const EndMarker end{.producer_id = marker.producer_id,
                        .producer_epoch = marker.producer_epoch,
                        .committed = marker.transaction_result,
                        .coordinator_epoch = marker.coordinator_epoch,
                        .transaction_version = marker.transaction_version};
    for (auto& topic : answer.topics) {
        for (auto& slot : topic.partitions) {
            ++all->outstanding;
            write_end_marker(broker, topic.name, slot.partition_index, end,
                             [all, &slot](ErrorCode error) {
                                 slot.error_code = error;
                                 all->one_done();
                             });
        }
    }
}

}  // namespace

void write_txn_markers(Broker& broker, const Request& request, WriteTxnMarkersRequest asked,
                       Reply<WriteTxnMarkersResponse> reply) {
    const Access access(broker, request);
    if (!access.allows(Right::write_markers_as_admin) &&
        !access.allows(Right::write_markers_as_broker)) {
        WriteTxnMarkersResponse refused = slots_for(asked);
        for (auto& marker : refused.markers)
            for (auto& topic : marker.topics)
                for (auto& partition : topic.partitions)
                    partition.error_code = ErrorCode::cluster_authorization_failed;
        return std::move(reply)(refused);
    }
    if (QuotaTicket* quota = reply.quota()) quota->exempt();
    auto all = std::make_shared<PendingMarkers>(slots_for(asked), std::move(reply));
    for (size_t i = 0; i < asked.markers.size(); ++i) {
        write(broker, asked.markers[i], all, all->response.markers[i]);
    }
    all->one_done();
}

}  // namespace stoker::broker
