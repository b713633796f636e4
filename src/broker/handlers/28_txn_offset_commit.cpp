// TxnOffsetCommit (28), versions 0 to 5.
//
// Behaviour: keeps the offsets of a group in __consumer_offsets as part of a producer's transaction
// (KIP-98): nobody sees them before it is committed. The transaction coordinator is asked first
// whether the transaction names that partition (KIP-890).
// Version notes: the member and its generation from 3 (KIP-447); TRANSACTION_ABORTABLE from 4; from
// 5 the partition is added to the transaction on the way (transactions v2).
#include <memory>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
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

    void refuse(ErrorCode error) {
        TxnOffsetCommitResponse response;
        for (const auto& topic : group.request.topics) {
            auto& answered = response.topics.emplace_back();
            answered.name = topic.name;
            for (const auto& partition : topic.partitions) {
                answered.partitions.push_back(
                    {.partition_index = partition.partition_index, .error_code = error});
            }
        }
        std::move(reply)(response);
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
    if (wanted.group_id.empty()) return call->refuse(ErrorCode::invalid_group_id);
    if (raw(wanted.producer_id) < 0) return call->refuse(ErrorCode::invalid_producer_id_mapping);
    const auto topic = broker.metadata().find(std::string(group_metadata_topic));
    const auto partition = topic ? topic->partition(broker.groups().partition_of(wanted.group_id))
                                 : nullptr;
    if (!partition) return call->refuse(ErrorCode::coordinator_not_available);
    const auto commit = [&broker, call, version](const std::vector<Verification>& answers) {
        const Verification& answer = answers.front();
        if (answer.error != ErrorCode::none) return call->refuse(told(answer.error, version));
        broker.groups().commit_in_transaction(std::move(call->group), answer.guard,
                                              kept(std::move(call->reply)));
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
