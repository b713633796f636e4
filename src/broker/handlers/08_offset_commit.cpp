// OffsetCommit (8), versions 2 to 10.
//
// Behaviour: keeps the offsets of a group in __consumer_offsets, and answers when they are durable.
// Needs READ of the group, and of each topic: those without it are answered, the others committed.
// Version notes: topics have ids in 10, names before.
#include <iterator>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;

namespace {

constexpr int16_t first_version_with_topic_ids = 10;

using Asked = OffsetCommitRequest::OffsetCommitRequestTopic;

void refuse_topic(OffsetCommitResponse& response, const Asked& topic, ErrorCode error) {
    auto& answer = response.topics.emplace_back();
    answer.name = topic.name;
    answer.topic_id = topic.topic_id;
    for (const auto& partition : topic.partitions)
        answer.partitions.push_back(
            {.partition_index = partition.partition_index, .error_code = error});
}

/// Takes out of the request what its sender may not commit, with the answers to that.
OffsetCommitResponse take_denied(Broker& broker, const Access& access, int16_t version,
                                 OffsetCommitRequest& asked) {
    OffsetCommitResponse denied_topics;
    if (!access.enforced()) return denied_topics;
    // Empty: nobody knows the id, which is no secret.
    auto name_of = [&](const Asked& topic) {
        if (version < first_version_with_topic_ids) return topic.name;
        auto found = broker.metadata().find(topic.topic_id);
        return found ? found->name : std::string();
    };
    std::vector<std::string> names;
    for (const Asked& topic : asked.topics)
        if (auto name = name_of(topic); !name.empty()) names.push_back(std::move(name));
    AllowedNames readable = access.filter(Right::offset_commit_topic, names, std::identity{});
    std::erase_if(asked.topics, [&](const Asked& topic) {
        std::string name = name_of(topic);
        if (name.empty() || readable.contains(name)) return false;
        refuse_topic(denied_topics, topic, ErrorCode::topic_authorization_failed);
        return true;
    });
    return denied_topics;
}

}  // namespace

void offset_commit(Broker& broker, const Request& request, OffsetCommitRequest asked,
                   Reply<OffsetCommitResponse> reply) {
    const Access access(broker, request);
    if (!access.allows(Right::offset_commit_group, asked.group_id)) {
        OffsetCommitResponse refused;
        for (const Asked& topic : asked.topics)
            refuse_topic(refused, topic, ErrorCode::group_authorization_failed);
        return std::move(reply)(refused);
    }
    OffsetCommitResponse denied = take_denied(broker, access, reply.version(), asked);
    if (denied.topics.empty())
        return broker.groups().commit_offsets(group_call(request, std::move(asked)),
                                              kept(std::move(reply)));
    if (asked.topics.empty()) return std::move(reply)(denied);
    broker.groups().commit_offsets(
        group_call(request, std::move(asked)),
        [denied = std::move(denied), reply = std::move(reply)](auto response) mutable {
            std::ranges::move(denied.topics, std::back_inserter(response.topics));
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
