// DeleteTopics (20), versions 1 to 6.
//
// Behaviour: the topic is gone at once for everyone, its folders are removed later
// (file.delete.delay.ms), and its committed offsets are forgotten.
// Version notes: by name until 5, by name or id in 6; messages from 5.
#include <map>
#include <string>
#include <utility>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;

namespace {

constexpr int16_t first_version_with_states = 6;

DeleteTopicsResponse::DeletableTopicResult remove(
    Broker& broker, const DeleteTopicsRequest::DeleteTopicState& wanted) {
    DeleteTopicsResponse::DeletableTopicResult answer{.name = wanted.name,
                                                      .topic_id = wanted.topic_id};
    auto refused = [&](ErrorCode code, std::string message) {
        answer.error_code = code;
        answer.error_message = std::move(message);
        return answer;
    };
    bool by_name = wanted.name.has_value();
    if (by_name && !wanted.topic_id.is_zero())
        return refused(ErrorCode::invalid_request,
                       "You may not specify both topic name and topic id.");
    TopicPointer topic =
        by_name ? broker.metadata().find(*wanted.name) : broker.metadata().find(wanted.topic_id);
    if (!topic)
        return by_name ? refused(ErrorCode::unknown_topic_or_partition,
                                 "This server does not host this topic-partition.")
                       : refused(ErrorCode::unknown_topic_id,
                                 "This server does not host this topic ID.");
    answer.name = topic->name;
    answer.topic_id = topic->id;
    if (!broker.configs().boolean("delete.topic.enable"))
        return refused(ErrorCode::topic_deletion_disabled, "Topic deletion is disabled.");
    if (auto removed = broker.metadata().delete_topic(topic->id); !removed)
        return refused(removed.error().code, removed.error().message);
    broker.groups().on_topic_deleted(topic->name, topic->id);
    return answer;
}

}  // namespace

void delete_topics(Broker& broker, const Request&, DeleteTopicsRequest asked,
                   Reply<DeleteTopicsResponse> reply) {
    if (reply.version() < first_version_with_states)
        for (std::string& name : asked.topic_names) asked.topics.push_back({.name = name});
    DeleteTopicsResponse response;
    std::map<std::pair<std::string, Uuid>, int> times;
    for (const auto& topic : asked.topics) ++times[{topic.name.value_or(""), topic.topic_id}];
    for (const auto& topic : asked.topics) {
        int& wanted = times[{topic.name.value_or(""), topic.topic_id}];
        if (wanted == 0) continue;  // answered once for all its duplicates
        if (wanted > 1)
            response.responses.push_back({.name = topic.name,
                                          .topic_id = topic.topic_id,
                                          .error_code = ErrorCode::invalid_request});
        else response.responses.push_back(remove(broker, topic));
        wanted = 0;
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
