// TxnOffsetCommit (28), versions 0 to 5.
//
// Behaviour: keeps the offsets of a group in __consumer_offsets as part of a producer's transaction
// (KIP-98): nobody sees them before it is committed. The transaction coordinator is asked first
// whether the transaction names that partition (KIP-890).
// Version notes: the member and its generation from 3 (KIP-447); TRANSACTION_ABORTABLE from 4; from
// 5 the partition is added to the transaction on the way (transactions v2).
#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/transaction/partition_verification.hpp"

namespace stoker::broker {

using protocol::TxnOffsetCommitRequest;
using protocol::TxnOffsetCommitResponse;

namespace {

constexpr int16_t first_version_with_load_in_progress = 2;
constexpr int16_t first_version_with_abortable = 4;
constexpr int16_t first_version_that_adds = 5;

struct Call {
    Call(GroupCall<TxnOffsetCommitRequest> asked, Reply<TxnOffsetCommitResponse> promise)
        : group(std::move(asked)), reply(std::move(promise)) {}

    GroupCall<TxnOffsetCommitRequest> group;
    Reply<TxnOffsetCommitResponse> reply;
    /// Answers to topics that the sender may not read; they are no longer in the request.
    TxnOffsetCommitResponse denied{};

    void refuse(ErrorCode error) {
        TxnOffsetCommitResponse response;
        for (const auto& topic : group.request.topics) refuse_topic(response, topic, error);
        answer(std::move(response));
    }
    void take_denied(const Access& access) {
        auto& topics = group.request.topics;
        AllowedNames readable =
            access.filter(Right::transaction_offsets_topic, topics,
                          [](const auto& topic) -> const std::string& { return topic.name; });
        std::erase_if(topics, [&](const auto& topic) {
            if (readable.contains(topic.name)) return false;
            refuse_topic(denied, topic, ErrorCode::topic_authorization_failed);
            return true;
        });
    }
    void answer(TxnOffsetCommitResponse response) {
        std::ranges::move(denied.topics, std::back_inserter(response.topics));
        std::move(reply)(response);
    }

private:
    static void refuse_topic(TxnOffsetCommitResponse& response,
                             const TxnOffsetCommitRequest::TxnOffsetCommitRequestTopic& topic,
                             ErrorCode error) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto& partition : topic.partitions)
            answered.partitions.push_back(
                {.partition_index = partition.partition_index, .error_code = error});
    }
};

ErrorCode told(ErrorCode error, int16_t version) {
    // Worth another try, which older clients know only of another error.
    if (error == ErrorCode::network_exception) error = ErrorCode::coordinator_load_in_progress;
    if (error == ErrorCode::coordinator_load_in_progress &&
        version < first_version_with_load_in_progress) {
        return ErrorCode::coordinator_not_available;
    }
    return error;
}

}  // namespace

void txn_offset_commit(Broker& broker, const Request& request, TxnOffsetCommitRequest asked,
                       Reply<TxnOffsetCommitResponse> reply) {
    const int16_t version = reply.version();
    auto call = std::make_shared<Call>(group_call(request, std::move(asked)), std::move(reply));
    const TxnOffsetCommitRequest& wanted = call->group.request;
    const Access access(broker, request);
    if (!access.allows(Right::transaction_offsets_transactional_id, wanted.transactional_id))
        return call->refuse(ErrorCode::transactional_id_authorization_failed);
    if (!access.allows(Right::transaction_offsets_group, wanted.group_id))
        return call->refuse(ErrorCode::group_authorization_failed);
    call->take_denied(access);
    if (wanted.topics.empty() && !call->denied.topics.empty()) return call->answer({});
    if (wanted.group_id.empty()) return call->refuse(ErrorCode::invalid_group_id);
    if (raw(wanted.producer_id) < 0) return call->refuse(ErrorCode::invalid_producer_id_mapping);
    const auto topic = broker.metadata().find(std::string(group_metadata_topic));
    const auto partition = topic ? topic->partition(broker.groups().partition_of(wanted.group_id))
                                 : nullptr;
    if (!partition) return call->refuse(ErrorCode::coordinator_not_available);
    const auto commit = [&broker, call, version](const std::vector<Verification>& answers) {
        const Verification& answer = answers.front();
        if (answer.error != ErrorCode::none) return call->refuse(told(answer.error, version));
        broker.groups().commit_in_transaction(
            std::move(call->group), answer.guard,
            [call](auto response) { call->answer(std::move(response)); });
    };
    PartitionVerification verification(broker,
                                       {.transactional_id = wanted.transactional_id,
                                        .producer = wanted.producer_id,
                                        .epoch = wanted.producer_epoch,
                                        .adds = version >= first_version_that_adds,
                                        .knows_abortable = version >= first_version_with_abortable},
                                       {{.partition = partition}});
    if (verification.settled()) return commit(std::move(verification).take());
    std::move(verification).ask(commit);
}

}  // namespace stoker::broker
