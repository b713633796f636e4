// What the producer does with answers, with connections that break and with time that runs out.
#include <algorithm>

#include "kafka/producer.hpp"

namespace stoker::kafka {
namespace {

using protocol::ProduceResponse;

const ProduceResponse::PartitionProduceResponse* find_answer(const ProduceResponse& response,
                                                             const PartitionQueue& queue) {
    for (const auto& topic : response.responses) {
        const bool same = topic.topic_id.is_zero()
                              ? topic.name == queue.topic->name
                              : queue.topic->info != nullptr &&
                                    topic.topic_id == queue.topic->info->id;
        if (!same) continue;
        for (const auto& partition : topic.partition_responses) {
            if (raw(partition.index) == queue.partition) return &partition;
        }
    }
    return nullptr;
}

/// The broker has lost track of our numbers, or we of its: a new producer id mends it.
bool spoils_identity(ErrorCode code) {
    return code == ErrorCode::unknown_producer_id || code == ErrorCode::invalid_producer_epoch ||
           code == ErrorCode::invalid_producer_id_mapping;
}

}  // namespace

bool Producer::take_answers() {
    bool taken = false;
    for (auto& [node, link] : links_) {
        while (!link.in_flight.empty()) {
            Outcome<std::optional<Answer>> answer = link.connection->poll();
            if (!answer) {
                lose_link(link, answer.error());
                taken = true;
                break;
            }
            if (!*answer) break;
            taken = true;
            Request request = std::move(link.in_flight.front());
            link.in_flight.pop_front();
            take_answer(std::move(request), std::move(**answer));
        }
    }
    return taken;
}

void Producer::take_answer(Request request, Outcome<Answer> answer) {
    auto response = decode_answer<ProduceResponse>(*answer);
    for (auto& batch : request.batches) {
        if (!response) {
            deliver(*batch, Offset{-1}, &response.error());
            continue;
        }
        const Answered* one = find_answer(*response, batch->queue());
        finish(std::move(batch), one);
    }
}

void Producer::finish(std::unique_ptr<ProducerBatch> batch, const Answered* answer) {
    if (answer == nullptr) {
        const Failure why = malformed("no answer for the partition");
        return deliver(*batch, Offset{-1}, &why);
    }
    const ErrorCode code = answer->error_code;
    if (code == ErrorCode::none) return deliver(*batch, answer->base_offset, nullptr);
    // It is in the log already: an earlier answer was lost on its way.
    if (code == ErrorCode::duplicate_sequence_number) {
        return deliver(*batch, Offset{-1}, nullptr);
    }
    if (code == ErrorCode::message_too_large && batch->count() > 1) {
        return split(std::move(batch));
    }
    if (is_stale_metadata(code)) needs_metadata_ = true;
    const Failure why = failure_of(code, answer->error_message);
    if (settings_.idempotent && !transaction_ && spoils_identity(code)) {
        renews_identity_ = true;
        return retry(std::move(batch), why);
    }
    // A batch before it is on its way again; in their order both will pass.
    const bool overtook =
        settings_.idempotent && code == ErrorCode::out_of_order_sequence_number;
    if (overtook || is_retriable(code)) return retry(std::move(batch), why);
    // Those behind it would leave a hole in the numbers.
    if (settings_.idempotent) renews_identity_ = true;
    deliver(*batch, Offset{-1}, &why);
}

void Producer::retry(std::unique_ptr<ProducerBatch> batch, const Failure& why) {
    const int64_t now_ms = cluster_->clock().monotonic_ms();
    const bool late = now_ms - batch->created_ms() > settings_.delivery_timeout_ms;
    if (batch->attempts >= settings_.common.retries || late) {
        if (settings_.idempotent) renews_identity_ = true;
        return deliver(*batch, Offset{-1}, &why);
    }
    batch->retry_at_ms = now_ms + cluster_->retry_backoff_ms(batch->attempts++);
    put_back(std::move(batch));
}

/// Among the closed ones, in the order of creation.
void Producer::put_back(std::unique_ptr<ProducerBatch> batch) {
    PartitionQueue& queue = batch->queue();
    auto behind = std::ranges::find_if(
        queue.closed, [&](const auto& other) { return other->serial >= batch->serial; });
    queue.closed.insert(behind, std::move(batch));
    mark_ready(queue);
}

void Producer::split(std::unique_ptr<ProducerBatch> batch) {
    auto [first, second] = batch->halves();
    if (batch->is_stamped()) {
        first->stamp(batch->stamped_by(), batch->sequence());
        const auto then = uint32_t(batch->sequence()) + uint32_t(first->count());
        second->stamp(batch->stamped_by(), int32_t(then & 0x7fffffffu));
    }
    buffered_bytes_ = buffered_bytes_ - std::min(buffered_bytes_, batch->size()) +
                      first->size() + second->size();
    ++unanswered_;
    put_back(std::move(second));
    put_back(std::move(first));
}

void Producer::deliver(const ProducerBatch& batch, Offset base_offset, const Failure* failure) {
    --unanswered_;
    if (transaction_ && failure != nullptr) transaction_->failed(*failure);
    buffered_bytes_ -= std::min(buffered_bytes_, batch.size());
    on_delivery_({.topic = batch.queue().topic->name,
                  .partition = batch.queue().partition,
                  .base_offset = base_offset,
                  .tags = batch.tags(),
                  .failure = failure,
                  .batch = batch.bytes()});
}

void Producer::lose_link(Link& link, const Failure& why) {
    if (link.connection != nullptr) link.connection->close();
    link.connection = nullptr;
    needs_metadata_ = true;
    std::deque<Request> lost = std::move(link.in_flight);
    link.in_flight.clear();
    const Failure network = failure_of(ErrorCode::network_exception);
    for (Request& request : lost) {
        for (auto& batch : request.batches) {
            if (is_retriable(why)) {
                retry(std::move(batch), network);
            } else {
                deliver(*batch, Offset{-1}, &why);
            }
        }
    }
}

void Producer::time_out(int64_t now_ms) {
    for (auto& [node, link] : links_) {
        if (link.in_flight.empty()) continue;
        if (now_ms - link.in_flight.front().sent_ms < settings_.common.request_timeout_ms) continue;
        lose_link(link, disconnected("request.timeout.ms has passed"));
    }
}

void Producer::expire(int64_t now_ms) {
    for (size_t i = 0; i < ready_.size(); ++i) {
        PartitionQueue& queue = *ready_[i];
        while (!queue.closed.empty()) {
            const int64_t age = now_ms - queue.closed.front()->created_ms();
            if (age <= settings_.delivery_timeout_ms) break;
            const auto batch = std::move(queue.closed.front());
            queue.closed.pop_front();
            if (batch->is_stamped()) renews_identity_ = true;
            const Failure why = client_failure(
                "TimeoutException",
                "Expiring " + std::to_string(batch->count()) + " record(s) for " +
                    queue.topic->name + "-" + std::to_string(queue.partition) + ":" +
                    std::to_string(age) + " ms has passed since batch creation");
            deliver(*batch, Offset{-1}, &why);
        }
    }
}

}  // namespace stoker::kafka
