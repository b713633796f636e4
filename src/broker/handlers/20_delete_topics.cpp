// DeleteTopics (20), versions 1 to 6.
//
// Behaviour: the topic is gone at once for everyone, its folders are removed later
// (file.delete.delay.ms), and its committed offsets are forgotten. Who may not see a topic is not
// told whether it is there, nor the name of an id.
// Version notes: by name until 5, by name or id in 6; messages from 5;
// where deletion is disabled, INVALID_REQUEST before 3.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"
#include "broker/repeats.hpp"

namespace stoker::broker {

using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;

namespace {

constexpr int16_t first_version_with_states = 6;
constexpr int16_t first_version_with_disabled_code = 3;
constexpr int16_t first_version_with_throttling = 5;

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

/// Nothing: the sender may delete it. An id that nobody has is no secret.
std::optional<Answer> denied_topic(const Access& access, const Wanted& wanted,
                                   const TopicPointer& topic) {
    if (!access.enforced() || (!topic && !wanted.name)) return std::nullopt;
    const std::string& name = wanted.name ? *wanted.name : topic->name;
    if (access.allows(Right::delete_any_topic)) return std::nullopt;
    bool seen = access.allows(Right::delete_topic_describe, name);
    if (seen && (!topic || access.allows(Right::delete_topic, name))) return std::nullopt;
    constexpr ErrorCode error = ErrorCode::topic_authorization_failed;
    Answer answer = refused(wanted, error, authorization_message(error));
    if (seen && !wanted.name) answer.name = topic->name;
    return answer;
}

Answer remove(Broker& broker, const Access& access, const Wanted& wanted,
              const Reply<DeleteTopicsResponse>& reply) {
    const ClusterMetadata& metadata = broker.metadata();
    TopicPointer topic =
        wanted.name ? metadata.find(*wanted.name) : metadata.find(wanted.topic_id);
    if (auto answer = denied_topic(access, wanted, topic)) return *answer;
    if (!topic)
        return wanted.name ? refused(wanted, ErrorCode::unknown_topic_or_partition,
                                     "This server does not host this topic-partition.")
                           : refused(wanted, ErrorCode::unknown_topic_id,
                                     "This server does not host this topic ID.");
    QuotaTicket* quota = reply.quota();
    if (quota && !quota->may_mutate(double(topic->partitions.size()),
                                    reply.version() >= first_version_with_throttling))
        return refused(wanted, ErrorCode::throttling_quota_exceeded,
                       "The throttling quota has been exceeded.");
    if (auto removed = broker.metadata().delete_topic(topic->id); !removed)
        return refused(wanted, removed.error().code, removed.error().message);
    broker.groups().on_topic_deleted(topic->name, topic->id);
    return {.name = topic->name, .topic_id = topic->id};
}

DeleteTopicsResponse remove_all(Broker& broker, const Access& access,
                                const std::vector<Wanted>& topics,
                                const Reply<DeleteTopicsResponse>& reply) {
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
            response.responses.push_back(remove(broker, access, topic, reply));
        }
    }
    return response;
}

}  // namespace

void delete_topics(Broker& broker, const Request& request, DeleteTopicsRequest asked,
                   Reply<DeleteTopicsResponse> reply) {
    if (reply.version() < first_version_with_states)
        for (std::string& name : asked.topic_names) asked.topics.push_back({.name = name});
    if (broker.configs().boolean("delete.topic.enable")) {
        auto response = remove_all(broker, Access(broker, request), asked.topics, reply);
        return std::move(reply)(response);
    }
    DeleteTopicsResponse response;
    ErrorCode disabled = reply.version() < first_version_with_disabled_code
                             ? ErrorCode::invalid_request
                             : ErrorCode::topic_deletion_disabled;
    for (const Wanted& topic : asked.topics)
        response.responses.push_back(refused(topic, disabled, std::nullopt));
    std::move(reply)(response);
}

}  // namespace stoker::broker
