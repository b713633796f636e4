// Produce (0), versions 3 to 13; advertised from 0, because librdkafka before 2.12 stops
// compressing when it sees no version below 3.
//
// Behaviour: checks each partition's batch against the topic's rules, appends it, and answers when
// it is as durable as the topic wants (durability classes, docs/ARCHITECTURE.md §7). acks=0 gets no
// answer; an error then closes the connection, which is all such a client can notice. On one node
// acks=1 and acks=all are the same, and as many replicas are in sync as there can be, whatever
// min.insync.replicas says.
// Version notes: topics have ids from 13; zstd from 7; record errors from 8.
// Transactional batches go through produce/transactional_produce.hpp first.
#include <atomic>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/produce/batch_rules.hpp"
#include "broker/produce/transactional_produce.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::ProduceRequest;
using protocol::ProduceResponse;

namespace {

constexpr int16_t first_version_with_topic_ids = 13;

using Slot = ProduceResponse::PartitionProduceResponse;

void send(const ProduceResponse& response, Reply<ProduceResponse> reply, int16_t acks) {
    if (acks != 0) return std::move(reply)(response);
    for (const auto& topic : response.responses)
        for (const auto& partition : topic.partition_responses)
            if (partition.error_code != ErrorCode::none)
                return std::move(reply).close("a produce request with acks=0 failed: " +
                                              std::string(name(partition.error_code)));
    std::move(reply).none();
}

/// Upstream tells it with what its validation refuses, not with what fails before.
Offset told_log_start(Partition& partition, ErrorCode error) {
    switch (error) {
        case ErrorCode::corrupt_message:
        case ErrorCode::message_too_large:
        case ErrorCode::kafka_storage_error: return Offset{-1};
        default: return partition.log_start();
    }
}

void refuse(Slot& slot, BatchRefusal refusal) {
    slot.error_code = refusal.code;
    slot.base_offset = Offset{-1};
    slot.record_errors = std::move(refusal.record_errors);
    if (!refusal.message.empty()) slot.error_message = std::move(refusal.message);
}

void tell(Slot& slot, Partition& partition, const Result<storage::AppendResult>& appended) {
    if (!appended) {
        slot.log_start_offset = told_log_start(partition, appended.error());
        return refuse(slot, {.code = appended.error()});
    }
    slot.base_offset = appended->base_offset;
    slot.log_append_time_ms = appended->log_append_time_ms;
    slot.log_start_offset = appended->log_start_offset;
}

/// An answer that waits until the last of its partitions is durable. A ticket is a slot's place.
class PendingProduce final : public AppendListener {
public:
    PendingProduce(ProduceResponse response, Reply<ProduceResponse> reply, int16_t acks)
        : response_(std::move(response)), reply_(std::move(reply)), acks_(acks) {}

    static size_t ticket(size_t topic, size_t partition) { return topic << half | partition; }
    void expect_one() { ++outstanding_; }

    // Each slot belongs to one partition, so no two threads write the same.
    void appended(Partition& partition, size_t ticket,
                  const Result<storage::AppendResult>& result) override {
        tell(slot(ticket), partition, result);
        if (!result) one_done();
    }
    void durable(size_t ticket, ErrorCode error) override {
        if (error != ErrorCode::none) {
            slot(ticket).error_code = error;
            slot(ticket).base_offset = Offset{-1};
        }
        one_done();
    }
    void one_done() {
        if (--outstanding_ == 0) send(response_, std::move(reply_), acks_);
    }

private:
    static constexpr unsigned half = 32;

    Slot& slot(size_t ticket) {
        return response_.responses[ticket >> half].partition_responses[uint32_t(ticket)];
    }

    ProduceResponse response_;
    Reply<ProduceResponse> reply_;
    int16_t acks_;
    std::atomic<int> outstanding_ = 1;  // the handler itself, until it has gone through all
};

/// The answer while the handler makes it. Most need to wait for nothing and are sent from here;
/// the first wait moves it to where it can stay. The slots keep their addresses.
class ProduceAnswer {
public:
    ProduceAnswer(ProduceResponse response, Reply<ProduceResponse> reply, int16_t acks)
        : response_(std::move(response)), reply_(std::move(reply)), acks_(acks) {}

    /// Before any wait.
    ProduceResponse& response() { return response_; }

    /// Who one more wait is told to.
    std::shared_ptr<PendingProduce> waiter() {
        if (!pending_)
            pending_ = std::make_shared<PendingProduce>(std::move(response_), std::move(reply_),
                                                        acks_);
        pending_->expect_one();
        return pending_;
    }
    void complete() && {
        if (pending_) pending_->one_done();
        else send(response_, std::move(reply_), acks_);
    }

private:
    ProduceResponse response_;
    Reply<ProduceResponse> reply_;
    int16_t acks_;
    std::shared_ptr<PendingProduce> pending_;
};

class Producing {
public:
    Producing(Broker& broker, const ProduceRequest& asked, int16_t version, ProduceAnswer& answer)
        : broker_(broker), asked_(asked), version_(version), answer_(answer) {}

    /// `slots`: one for each partition of the at-th topic; so are the verdicts, which only a
    /// request with transactional batches has.
    void append(size_t at, const std::string& name, std::span<Slot> slots,
                const std::vector<ProduceVerdict>* verdicts) {
        const auto& topic = asked_.topic_data[at];
        TopicPointer found = version_ >= first_version_with_topic_ids
                                 ? broker_.metadata().find(topic.topic_id)
                                 : broker_.metadata().find(name);
        for (size_t i = 0; i < slots.size(); ++i)
            append_partition(found, topic.partition_data[i], slots[i],
                             PendingProduce::ticket(at, i), verdicts ? &(*verdicts)[i] : nullptr);
    }

private:
    void append_partition(const TopicPointer& topic,
                          const ProduceRequest::PartitionProduceData& data, Slot& slot,
                          size_t ticket, const ProduceVerdict* verdict) {
        ErrorCode error = refuse_target(topic, data.index);
        if (error != ErrorCode::none) return refuse(slot, {.code = error});
        Partition& partition = *topic->partitions[size_t(raw(data.index))];
        ProduceContext context{.version = version_,
                               .now_ms = broker_.clock().wall_ms(),
                               .topic = topic->name,
                               .partition = data.index};
        MutableByteView records = data.records ? data.records->bytes : MutableByteView{};
        auto size = check_shape(records, context);
        if (!size) return reject(slot, partition, std::move(size.error()), records.size());
        if (asked_.acks < -1 || asked_.acks > 1)
            return reject(slot, partition, {.code = ErrorCode::invalid_required_acks}, 0);
        if (verdict && verdict->refusal.code != ErrorCode::none)
            return reject(slot, partition, verdict->refusal, 0);
        auto batch = accept_batch(records.first(*size), topic->settings, context);
        if (!batch) {
            slot.log_start_offset = told_log_start(partition, batch.error().code);
            return reject(slot, partition, std::move(batch.error()), *size);
        }
        const auto guard = verdict ? verdict->guard : storage::VerificationGuard::none;
        const storage::AppendOptions options{.now_ms = context.now_ms,
                                             .log_append_time = topic->settings.log_append_time,
                                             .verification = guard};
        if (topic->settings.log.waits_for_disk() &&
            batch->bytes.size() <= GatheredAppends::batch_max &&
            guard == storage::VerificationGuard::none)
            return partition.append_with_turn(batch->bytes, options, answer_.waiter(), ticket);
        auto appended = partition.append(batch->bytes, options);
        tell(slot, partition, appended);
        if (!appended || appended->committed) return;
        partition.when_durable(
            appended->last_offset + 1,
            [waiter = answer_.waiter(), ticket](ErrorCode error) {
                waiter->durable(ticket, error);
            });
    }

    /// Refuses a batch that the partition's log does not get to see.
    static void reject(Slot& slot, Partition& partition, BatchRefusal refusal, size_t bytes) {
        PartitionCounters& counters = partition.counters();
        counters.produce_requests.add();
        counters.failed_produce_requests.add();
        if (refusal.code == ErrorCode::message_too_large) counters.bytes_rejected.add(bytes);
        refuse(slot, std::move(refusal));
    }

    ErrorCode refuse_target(const TopicPointer& topic, PartitionId partition) const {
        if (!topic)
            return version_ >= first_version_with_topic_ids ? ErrorCode::unknown_topic_id
                                                            : ErrorCode::unknown_topic_or_partition;
        if (!topic->has(partition)) return ErrorCode::unknown_topic_or_partition;
        if (topic->internal()) return ErrorCode::invalid_topic_exception;
        return ErrorCode::none;
    }

    Broker& broker_;
    const ProduceRequest& asked_;
    int16_t version_;
    ProduceAnswer& answer_;
};

/// Whether any batch is transactional; or what refuses the whole request, before any of its topics
/// is looked at.
std::expected<bool, BatchRefusal> scan_all(const ProduceRequest& asked) {
    bool transactional = false;
    for (const auto& topic : asked.topic_data)
        for (const auto& partition : topic.partition_data) {
            if (!partition.records) continue;
            auto first = scan_first_batch(partition.records->bytes);
            if (!first) return std::unexpected(std::move(first.error()));
            if (first->transactional && !asked.transactional_id)
                return std::unexpected(
                    BatchRefusal{.code = ErrorCode::transactional_id_authorization_failed});
            transactional |= first->transactional;
        }
    return transactional;
}

using DeniedTopics = std::vector<ProduceResponse::TopicProduceResponse>;

/// Takes out of the request what its sender may not write to, before anything is done for it.
/// Whether there is a topic of a name is told only to who may know; ids are no secret.
DeniedTopics take_denied(Broker& broker, const Access& access, int16_t version,
                         ProduceRequest& asked) {
    DeniedTopics denied;
    if (!access.enforced()) return denied;
    auto name_of = [&](const ProduceRequest::TopicProduceData& topic) {
        if (version < first_version_with_topic_ids) return topic.name;
        TopicPointer found = broker.metadata().find(topic.topic_id);
        return found ? found->name : std::string();
    };
    std::vector<std::string> names;
    for (const auto& topic : asked.topic_data)
        if (std::string name = name_of(topic); !name.empty()) names.push_back(std::move(name));
    AllowedNames writable = access.filter(Right::produce_topic, names, std::identity{});
    std::erase_if(asked.topic_data, [&](const auto& topic) {
        std::string name = name_of(topic);
        if (name.empty() || writable.contains(name)) return false;
        auto& answer = denied.emplace_back();
        answer.name = topic.name;
        answer.topic_id = topic.topic_id;
        for (const auto& partition : topic.partition_data)
            refuse(answer.partition_responses.emplace_back(Slot{.index = partition.index}),
                   {.code = ErrorCode::topic_authorization_failed});
        return true;
    });
    return denied;
}

/// The answer's skeleton, which takes the topics' names: every partition asked for has a slot
/// whose address does not change.
ProduceResponse slots_for(ProduceRequest& asked) {
    ProduceResponse response;
    response.responses.reserve(asked.topic_data.size());
    for (auto& topic : asked.topic_data) {
        auto& answer = response.responses.emplace_back();
        answer.name = std::move(topic.name);
        answer.topic_id = topic.topic_id;
        answer.partition_responses.reserve(topic.partition_data.size());
        for (const auto& partition : topic.partition_data)
            answer.partition_responses.push_back({.index = partition.index});
    }
    return response;
}

void append_all(Broker& broker, ProduceRequest& asked, Reply<ProduceResponse> reply,
                const ProduceVerdicts* verdicts, DeniedTopics denied) {
    int16_t version = reply.version();
    ProduceResponse response = slots_for(asked);
    const size_t count = response.responses.size();
    std::ranges::move(denied, std::back_inserter(response.responses));
    ProduceAnswer answer(std::move(response), std::move(reply), asked.acks);
    Producing producing(broker, asked, version, answer);
    const std::span topics(answer.response().responses);  // a wait moves the vector, not its items
    for (size_t i = 0; i < count; ++i)
        producing.append(i, topics[i].name, topics[i].partition_responses,
                         verdicts ? &(*verdicts)[i] : nullptr);
    std::move(answer).complete();
}

void refuse_all(ProduceRequest& asked, Reply<ProduceResponse> reply, const BatchRefusal& refusal) {
    ProduceAnswer answer(slots_for(asked), std::move(reply), asked.acks);
    for (auto& topic : answer.response().responses)
        for (auto& slot : topic.partition_responses) refuse(slot, refusal);
    std::move(answer).complete();
}

}  // namespace

void produce(Broker& broker, const Request& request, ProduceRequest asked,
             Reply<ProduceResponse> reply) {
    const auto transactional = scan_all(asked);
    if (!transactional) return refuse_all(asked, std::move(reply), transactional.error());
    const Access access(broker, request);
    if (*transactional &&
        !access.allows(Right::produce_transactional_id, *asked.transactional_id))
        return refuse_all(asked, std::move(reply),
                          {.code = ErrorCode::transactional_id_authorization_failed});
    DeniedTopics denied = take_denied(broker, access, reply.version(), asked);
    if (!*transactional || asked.topic_data.empty())
        return append_all(broker, asked, std::move(reply), nullptr, std::move(denied));
    verify_transaction(broker, request, std::move(asked),
                       [&broker, reply = std::move(reply), denied = std::move(denied)](
                           ProduceRequest& verified, const ProduceVerdicts& verdicts) mutable {
                           append_all(broker, verified, std::move(reply), &verdicts,
                                      std::move(denied));
                       });
}

}  // namespace stoker::broker
