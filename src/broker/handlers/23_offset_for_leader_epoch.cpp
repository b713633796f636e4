// OffsetForLeaderEpoch (23), versions 2 to 4.
//
// Behaviour: where the records of a leader epoch end, so that a client that was away finds out
// whether what it has read is still there (KIP-101, KIP-320).
#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::OffsetForLeaderEpochRequest;
using protocol::OffsetForLeaderEpochResponse;

namespace {

using Answer = OffsetForLeaderEpochResponse::EpochEndOffset;

Answer answer_for(Broker& broker, const std::string& topic_name,
                  const OffsetForLeaderEpochRequest::OffsetForLeaderPartition& wanted) {
    Answer answer{.partition = wanted.partition};
    auto topic = broker.metadata().find(topic_name);
    auto partition = topic ? topic->partition(wanted.partition) : nullptr;
    if (!partition) {
        answer.error_code = ErrorCode::unknown_topic_or_partition;
        return answer;
    }
    answer.error_code = partition->check_epoch(wanted.current_leader_epoch);
    if (answer.error_code != ErrorCode::none) return answer;
    auto log = partition->log();
    if (!log) {
        answer.error_code = log.error();
        return answer;
    }
    storage::EpochEnd found = partition->end_of_epoch(**log, wanted.leader_epoch);
    answer.leader_epoch = found.epoch;
    answer.end_offset = found.end;
    return answer;
}

}  // namespace

void offset_for_leader_epoch(Broker& broker, const Request& request,
                             OffsetForLeaderEpochRequest asked,
                             Reply<OffsetForLeaderEpochResponse> reply) {
    OffsetForLeaderEpochResponse response;
    const Access access(broker, request);
    AllowedNames described;
    if (!access.allows(Right::epochs_as_follower))
        described = access.filter(Right::epochs_topic, asked.topics,
                                  [](const auto& topic) -> const std::string& {
                                      return topic.topic;
                                  });
    for (const auto& topic : asked.topics) {
        auto& answer = response.topics.emplace_back();
        answer.topic = topic.topic;
        for (const auto& partition : topic.partitions)
            answer.partitions.push_back(
                described.contains(topic.topic)
                    ? answer_for(broker, topic.topic, partition)
                    : Answer{.error_code = ErrorCode::topic_authorization_failed,
                             .partition = partition.partition});
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
