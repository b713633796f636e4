// The producer's requests: which batches travel together, who numbers them, and when metadata and
// the producer id are asked for anew.
#include <algorithm>

#include "kafka/producer.hpp"
#include "protocol/messages/22_init_producer_id.hpp"

namespace stoker::kafka {
namespace {

using protocol::InitProducerIdRequest;
using protocol::InitProducerIdResponse;
using protocol::ProduceRequest;

/// Versions of Produce: from the next one on topics go by their ids, and a broker takes new
/// partitions into a transaction (KIP-890).
constexpr int16_t last_with_names = 12;
constexpr int16_t last_without_partitions_added = 11;

/// Sequences start again after the greatest (KIP-98).
int32_t sequence_after(int32_t sequence, int32_t count) {
    return int32_t((uint32_t(sequence) + uint32_t(count)) & 0x7fffffffu);
}

}  // namespace

bool Producer::in_flight() const {
    return std::ranges::any_of(links_,
                               [](const auto& link) { return !link.second.in_flight.empty(); });
}

/// Whether anything moved.
bool Producer::step(int64_t now_ms) {
    bool moved = take_answers();
    time_out(now_ms);
    close_due(now_ms, false);
    expire(now_ms);
    const bool stale =
        now_ms - metadata_.refreshed_at_ms() > settings_.metadata_max_age_ms && !topics_.empty();
    if ((needs_metadata_ || stale) && now_ms >= metadata_retry_at_ms_) {
        if (in_flight()) return moved;
        refresh_metadata(now_ms);
        moved = true;
    }
    // As Java's, whose producer asks as soon as it runs, whether there is anything to send or not.
    const bool is_nobody = settings_.idempotent && identity_.id == ProducerId::none;
    if (is_nobody && !transaction_ && cluster_->backoff_left_ms(-1) == 0) ensure_identity(now_ms);
    return send_ready(now_ms) || moved;
}

/// Nothing is in flight: the answers would come on the same connections.
void Producer::refresh_metadata(int64_t now_ms) {
    std::vector<std::string> wanted;
    for (const auto& [name, queues] : topics_) wanted.push_back(name);
    auto news = metadata_.refresh(std::move(wanted), true,
                                  cluster_->deadline(settings_.common.request_timeout_ms));
    needs_metadata_ = !news || news->try_again;
    metadata_retry_at_ms_ = now_ms + cluster_->retry_backoff_ms(0);
    for (auto& [name, queues] : topics_) queues.info = metadata_.find(name);
}

bool Producer::ensure_identity(int64_t now_ms) {
    if (transaction_) {
        if (transaction_->takes_nothing()) give_up_queued(given_up());
        return ensure_partitions();
    }
    if (!settings_.idempotent) return true;
    if (identity_.id != ProducerId::none && !renews_identity_) return true;
    if (in_flight() || now_ms < identity_retry_at_ms_) return false;
    return ask_identity(now_ms);
}

bool Producer::ask_identity(int64_t now_ms) {
    identity_retry_at_ms_ = now_ms + settings_.common.retry_backoff_ms;
    Outcome<Connection*> to =
        cluster_->try_any(cluster_->deadline(settings_.common.connection_setup_timeout_ms));
    if (!to) return false;
    auto answer = (*to)->call<InitProducerIdResponse>(
        InitProducerIdRequest{.transactional_id = std::nullopt,
                              .transaction_timeout_ms = INT32_MAX},
        cluster_->deadline(settings_.common.request_timeout_ms));
    if (!answer || is_retriable(answer->error_code)) return false;
    if (answer->error_code != ErrorCode::none) {
        give_up_queued(failure_of(answer->error_code));
        return false;
    }
    take_identity({.id = answer->producer_id, .epoch = answer->producer_epoch});
    return true;
}

/// The numbers begin anew with it.
void Producer::take_identity(const ProducerIdentity& identity) {
    identity_ = identity;
    renews_identity_ = false;
    for (auto& [name, queues] : topics_) {
        for (auto& queue : queues.partitions) {
            if (!queue) continue;
            queue->next_sequence = 0;
            for (auto& batch : queue->closed) batch->forget_stamp();
        }
    }
}

/// All that is not on its way.
void Producer::give_up_queued(const Failure& why) {
    close_due(cluster_->clock().monotonic_ms(), true);
    for (PartitionQueue* queue : ready_) {
        for (const auto& batch : queue->closed) deliver(*batch, Offset{-1}, &why);
        queue->closed.clear();
        queue->is_ready = false;
    }
    ready_.clear();
}

void Producer::stamp(ProducerBatch& batch) {
    if (!settings_.idempotent) return;
    if (batch.is_stamped() && batch.stamped_by() == identity_) return;
    PartitionQueue& queue = batch.queue();
    batch.stamp(identity_, queue.next_sequence);
    queue.next_sequence = sequence_after(queue.next_sequence, batch.count());
}

/// One batch of each partition, as many as fit; whether there is any.
bool Producer::gather(int64_t now_ms, std::map<int32_t, Request>& by_node) {
    std::map<int32_t, size_t> bytes;
    for (PartitionQueue* queue : ready_) {
        if (queue->closed.empty()) continue;
        ProducerBatch& first = *queue->closed.front();
        if (first.retry_at_ms > now_ms) continue;
        const TopicInfo* info = queue->topic->info;
        const bool known =
            info != nullptr && size_t(queue->partition) < info->partitions.size();
        const int32_t node = known ? info->partitions[size_t(queue->partition)].leader : -1;
        if (node < 0) {
            needs_metadata_ = true;
            continue;
        }
        if (links_[node].in_flight.size() >= settings_.in_flight_max) continue;
        if (cluster_->backoff_left_ms(node) > 0) continue;
        size_t& sum = bytes[node];
        if (sum > 0 && sum + first.size() > settings_.max_request_size) continue;
        sum += first.size();
        stamp(first);
        by_node[node].batches.push_back(std::move(queue->closed.front()));
        queue->closed.pop_front();
    }
    std::erase_if(ready_, [](PartitionQueue* queue) {
        queue->is_ready = !queue->closed.empty();
        return !queue->is_ready;
    });
    return !by_node.empty();
}

bool Producer::send_ready(int64_t now_ms) {
    bool sent = false;
    while (!ready_.empty() && !needs_metadata_ && ensure_identity(now_ms)) {
        std::map<int32_t, Request> by_node;
        if (!gather(now_ms, by_node)) break;
        bool any = false;
        for (auto& [node, request] : by_node) {
            any = send_request(node, std::move(request), now_ms) || any;
        }
        if (!any) break;
        sent = true;
    }
    return sent;
}

bool Producer::send_request(int32_t node, Request request, int64_t now_ms) {
    Link& link = links_[node];
    const Deadline deadline = cluster_->deadline(settings_.common.request_timeout_ms);
    if (link.in_flight.empty()) {
        Outcome<Connection*> to = cluster_->try_node(node, deadline);
        if (!to) {
            needs_metadata_ = !cluster_->find_node(node);
            for (auto& batch : request.batches) put_back(std::move(batch));
            return false;
        }
        link.connection = *to;
    }
    ProduceRequest message{.transactional_id = settings_.transactional_id,
                           .acks = settings_.acks,
                           .timeout_ms = int32_t(settings_.common.request_timeout_ms)};
    for (auto& batch : request.batches) {
        const TopicQueues& topic = *batch->queue().topic;
        if (message.topic_data.empty() || message.topic_data.back().name != topic.name) {
            message.topic_data.push_back({.name = topic.name, .topic_id = topic.info->id});
        }
        message.topic_data.back().partition_data.push_back(
            {.index = PartitionId{batch->queue().partition},
             .records = protocol::Records{.bytes = batch->bytes()}});
    }
    // A broker that does not name a topic's id can be spoken to by names only.
    bool has_ids = true;
    for (const auto& topic : message.topic_data) has_ids = has_ids && !topic.topic_id.is_zero();
    const bool answered = settings_.acks != 0;
    const int16_t version_max = transaction_ && !transaction_->is_version_2
                                    ? last_without_partitions_added
                                    : has_ids ? INT16_MAX : last_with_names;
    auto id = link.connection->send(message, deadline,
                                    {.version_max = version_max, .answered = answered});
    if (!id) {
        const bool lost = is_retriable(id.error());
        for (auto& batch : request.batches) {
            if (lost) {
                retry(std::move(batch), failure_of(ErrorCode::network_exception));
            } else {
                deliver(*batch, Offset{-1}, &id.error());
            }
        }
        if (lost) lose_link(link, id.error());
        return false;
    }
    if (!answered) {
        for (auto& batch : request.batches) deliver(*batch, Offset{-1}, nullptr);
        return true;
    }
    request.correlation_id = *id;
    request.sent_ms = now_ms;
    link.in_flight.push_back(std::move(request));
    return true;
}

}  // namespace stoker::kafka
