// OffsetDelete (47), version 0.
//
// Behaviour: forgets committed offsets of topics to which no member of the group is subscribed.
#include <iterator>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

void offset_delete(Broker& broker, const Request& request, protocol::OffsetDeleteRequest asked,
                   Reply<protocol::OffsetDeleteResponse> reply) {
    const Access access(broker, request);
    if (!access.allows(Right::delete_offsets_group, asked.group_id))
        return std::move(reply)(
            denied<protocol::OffsetDeleteResponse>(Right::delete_offsets_group));
    AllowedNames readable =
        access.filter(Right::delete_offsets_topic, asked.topics,
                      [](const auto& topic) -> const std::string& { return topic.name; });
    protocol::OffsetDeleteResponse refused;
    std::erase_if(asked.topics, [&](const auto& topic) {
        if (readable.contains(topic.name)) return false;
        auto& answer = refused.topics.emplace_back();
        answer.name = topic.name;
        for (const auto& partition : topic.partitions)
            answer.partitions.push_back({.partition_index = partition.partition_index,
                                         .error_code = ErrorCode::topic_authorization_failed});
        return true;
    });
    broker.groups().delete_offsets(
        group_call(request, std::move(asked)),
        [refused = std::move(refused), reply = std::move(reply)](auto response) mutable {
            if (response.error_code == ErrorCode::none)
                std::ranges::move(refused.topics, std::back_inserter(response.topics));
            std::move(reply)(response);
        });
}

}  // namespace stoker::broker
