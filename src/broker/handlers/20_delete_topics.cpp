// DeleteTopics (20), versions 1 to 6.
//
// Behaviour: the topic is gone at once for everyone, its folders are removed later
// (file.delete.delay.ms), and its committed offsets are forgotten.
// Version notes: by name until 5, by name or id in 6; messages from 5;
// where deletion is disabled, INVALID_REQUEST before 3.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/repeats.hpp"

namespace stoker::broker {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;

namespace {

constexpr int16_t first_version_with_states = 6;
constexpr int16_t first_version_with_disabled_code = 3;

using Wanted = DeleteTopicsRequest::DeleteTopicState;
using Answer = DeleteTopicsResponse::DeletableTopicResult;

Answer refused(const Wanted& wanted, ErrorCode code, std::optional<std::string> message) {
    return {.name = wanted.name,
            .topic_id = wanted.topic_id,
            .error_code = code,
            .error_message = std::move(message)};
}

/// What is wrong with the question itself.
std::optional<std::string> contradiction(const Wanted& wanted) {
    if (wanted.name && !wanted.topic_id.is_zero())
        return "You may not specify both topic name and topic id.";
    if (!wanted.name && wanted.topic_id.is_zero())
        return "Neither topic name nor id were specified.";
    return std::nullopt;
}

Answer remove(Broker& broker, const Wanted& wanted) {
    const ClusterMetadata& metadata = broker.metadata();
    TopicPointer topic =
        wanted.name ? metadata.find(*wanted.name) : metadata.find(wanted.topic_id);
    if (!topic)
        return wanted.name ? refused(wanted, ErrorCode::unknown_topic_or_partition,
                                     "This server does not host this topic-partition.")
                           : refused(wanted, ErrorCode::unknown_topic_id,
                                     "This server does not host this topic ID.");
    if (auto removed = broker.metadata().delete_topic(topic->id); !removed)
        return refused(wanted, removed.error().code, removed.error().message);
    broker.groups().on_topic_deleted(topic->name, topic->id);
    return {.name = topic->name, .topic_id = topic->id};
}

DeleteTopicsResponse remove_all(Broker& broker, const std::vector<Wanted>& topics) {
    DeleteTopicsResponse response;
    Repeats<std::pair<std::string, Uuid>> repeats;
    for (const Wanted& topic : topics) repeats.count({topic.name.value_or(""), topic.topic_id});
    for (const Wanted& topic : topics) {
        if (auto why = contradiction(topic)) {
            response.responses.push_back(refused(topic, ErrorCode::invalid_request, *why));
            continue;
        }
        const Turn turn = repeats.take({topic.name.value_or(""), topic.topic_id});
        if (turn == Turn::repeated) {
            response.responses.push_back(refused(
                topic, ErrorCode::invalid_request,
                topic.name ? "Duplicate topic name." : "Duplicate topic id."));
        } else if (turn == Turn::only) {
            response.responses.push_back(remove(broker, topic));
        }
    }
    return response;
}

}  // namespace

void delete_topics(Broker& broker, const Request&, DeleteTopicsRequest asked,
                   Reply<DeleteTopicsResponse> reply) {
    if (reply.version() < first_version_with_states)
        for (std::string& name : asked.topic_names) asked.topics.push_back({.name = name});
    if (broker.configs().boolean("delete.topic.enable"))
        return std::move(reply)(remove_all(broker, asked.topics));
    DeleteTopicsResponse response;
    ErrorCode disabled = reply.version() < first_version_with_disabled_code
                             ? ErrorCode::invalid_request
                             : ErrorCode::topic_deletion_disabled;
    for (const Wanted& topic : asked.topics)
        response.responses.push_back(refused(topic, disabled, std::nullopt));
    std::move(reply)(response);
}

}  // namespace stoker::broker
