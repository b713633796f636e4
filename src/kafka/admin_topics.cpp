#include "kafka/admin_topics.hpp"

#include <algorithm>

#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/37_create_partitions.hpp"
#include "protocol/messages/75_describe_topic_partitions.hpp"

namespace stoker::kafka {
namespace {

using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

using Described = std::vector<Outcome<TopicDescription>>;
using ByName = std::map<std::string, Outcome<TopicDescription>>;

/// A broker that has always one page more must not keep us for ever.
constexpr int pages_max = 1'000'000;

Failure unrepresentable(const std::string& name) {
    return failure_of(ErrorCode::invalid_topic_exception,
                      "The given topic name '" + name + "' cannot be represented in a request.");
}

std::optional<Failure> failure_in(ErrorCode code, const std::optional<std::string>& message) {
    if (code == ErrorCode::none) return std::nullopt;
    return failure_of(code, message);
}

void sort_partitions(TopicDescription& topic) {
    std::ranges::sort(topic.partitions, {}, &PartitionDescription::partition);
}

TopicDescription described(const MetadataResponse::MetadataResponseTopic& topic) {
    TopicDescription result{.name = topic.name.value_or(""),
                            .id = topic.topic_id,
                            .is_internal = topic.is_internal};
    for (const auto& partition : topic.partitions) {
        result.partitions.push_back({.partition = raw(partition.partition_index),
                                     .leader = partition.leader_id,
                                     .replicas = partition.replica_nodes,
                                     .isr = partition.isr_nodes});
    }
    sort_partitions(result);
    return result;
}

void add_partitions(TopicDescription& to,
                    const DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic&
                        from) {
    for (const auto& partition : from.partitions) {
        to.partitions.push_back({.partition = raw(partition.partition_index),
                                 .leader = partition.leader_id,
                                 .replicas = partition.replica_nodes,
                                 .isr = partition.isr_nodes,
                                 .elr = partition.eligible_leader_replicas,
                                 .last_known_elr = partition.last_known_elr});
    }
}

/// All pages. A page that does not go on from the one before ends it: a broker must not keep us.
Outcome<ByName> describe_in_pages(Admin& admin, std::vector<std::string> names, int32_t page,
                                  CallOptions options) {
    std::ranges::sort(names);
    DescribeTopicPartitionsRequest request{.response_partition_limit = page};
    for (const std::string& name : names) request.topics.push_back({name});
    ByName found;
    for (int pages = 0; pages < pages_max; ++pages) {
        auto answer = admin.call<DescribeTopicPartitionsResponse>(
            "describeTopicPartitions", Target::any(), request, options);
        if (!answer) return failed(answer.error());
        for (const auto& topic : answer->topics) {
            std::string name = topic.name.value_or("");
            auto [place, is_new] = found.try_emplace(
                name, TopicDescription{.name = name,
                                       .id = topic.topic_id,
                                       .is_internal = topic.is_internal});
            if (topic.error_code != ErrorCode::none) {
                place->second = failed(failure_of(topic.error_code));
            } else if (place->second) {
                add_partitions(*place->second, topic);
            }
        }
        if (!answer->next_cursor) return found;
        DescribeTopicPartitionsRequest::Cursor next{answer->next_cursor->topic_name,
                                                    answer->next_cursor->partition_index};
        bool advances = !request.cursor ||
                        std::pair(next.topic_name, raw(next.partition_index)) >
                            std::pair(request.cursor->topic_name,
                                      raw(request.cursor->partition_index));
        if (!advances) return failed(malformed("a page of topics that does not go on"));
        std::erase_if(request.topics,
                      [&](const auto& topic) { return topic.name < next.topic_name; });
        request.cursor = std::move(next);
    }
    return failed(malformed("pages of topics without an end"));
}

Outcome<ByName> describe_at_once(Admin& admin, const std::vector<std::string>& names,
                                 CallOptions options) {
    MetadataRequest request{.allow_auto_topic_creation = false};
    for (const std::string& name : names) request.topics->push_back({.name = name});
    auto answer =
        admin.call<MetadataResponse>("describeTopics", Target::any(), request, options);
    if (!answer) return failed(answer.error());
    ByName found;
    for (const auto& topic : answer->topics) {
        Outcome<TopicDescription> one = described(topic);
        if (topic.error_code != ErrorCode::none) one = failed(failure_of(topic.error_code));
        found.insert_or_assign(topic.name.value_or(""), std::move(one));
    }
    return found;
}

}  // namespace

Outcome<std::vector<TopicListing>> list_topics(Admin& admin, bool with_internal,
                                               CallOptions options) {
    MetadataRequest request{.topics = std::nullopt};
    auto answer = admin.call<MetadataResponse>("listTopics", Target::any(), request, options);
    if (!answer) return failed(answer.error());
    admin.cluster().learn(*answer);
    std::vector<TopicListing> listed;
    for (const auto& topic : answer->topics) {
        if (topic.is_internal && !with_internal) continue;
        listed.push_back({topic.name.value_or(""), topic.topic_id, topic.is_internal});
    }
    return listed;
}

Outcome<std::vector<Outcome<TopicDescription>>> describe_topics(
    Admin& admin, const std::vector<std::string>& names, int32_t page, CallOptions options) {
    std::vector<std::string> asked;
    std::ranges::copy_if(names, std::back_inserter(asked),
                         [](const std::string& name) { return !name.empty(); });
    ByName found;
    if (!asked.empty()) {
        Outcome<ByName> answer = describe_in_pages(admin, asked, page, options);
        if (!answer && answer.error().is("UnsupportedVersionException")) {
            answer = describe_at_once(admin, asked, options);
        }
        if (!answer) return failed(answer.error());
        found = std::move(*answer);
    }
    Described all;
    for (const std::string& name : names) {
        auto place = found.find(name);
        if (name.empty()) {
            all.push_back(failed(unrepresentable(name)));
        } else if (place == found.end()) {
            all.push_back(failed(failure_of(ErrorCode::unknown_topic_or_partition,
                                            "Topic " + name + " not found.")));
        } else {
            if (place->second) sort_partitions(*place->second);
            all.push_back(place->second);
        }
    }
    return all;
}

Outcome<std::vector<Outcome<TopicDescription>>> describe_topics(Admin& admin,
                                                                const std::vector<Uuid>& ids) {
    MetadataRequest request{.allow_auto_topic_creation = false};
    for (const Uuid& id : ids) {
        request.topics->push_back({.topic_id = id, .name = std::nullopt});
    }
    auto answer = admin.call<MetadataResponse>("describeTopicsWithIds", Target::any(), request);
    if (!answer) return failed(answer.error());
    Described all;
    for (const Uuid& id : ids) {
        auto place = std::ranges::find(answer->topics, id,
                                       &MetadataResponse::MetadataResponseTopic::topic_id);
        if (place == answer->topics.end()) {
            all.push_back(failed(failure_of(ErrorCode::unknown_topic_id)));
        } else if (place->error_code != ErrorCode::none) {
            all.push_back(failed(failure_of(place->error_code)));
        } else {
            all.push_back(described(*place));
        }
    }
    return all;
}

Outcome<void> create_topic(Admin& admin, const NewTopic& topic) {
    if (topic.name.empty()) return failed(unrepresentable(topic.name));
    CreateTopicsRequest::CreatableTopic wanted{
        .name = topic.name,
        .num_partitions = topic.partitions.value_or(-1),
        .replication_factor = topic.replication_factor.value_or(-1)};
    for (const auto& [partition, replicas] : topic.assignments) {
        wanted.assignments.push_back({PartitionId{partition}, replicas});
    }
    for (const auto& [name, value] : topic.configs) wanted.configs.push_back({name, value});
    CreateTopicsRequest request{
        .topics = {std::move(wanted)},
        .timeout_ms = int32_t(admin.settings().request_timeout_ms)};
    auto answer = admin.call<CreateTopicsResponse>(
        "createTopics", Target::controller(), request, {}, [](const CreateTopicsResponse& r) {
            return r.topics.size() == 1 && r.topics[0].error_code == ErrorCode::not_controller
                       ? ErrorCode::not_controller
                       : ErrorCode::none;
        });
    if (!answer) return failed(answer.error());
    for (const auto& one : answer->topics) {
        if (one.name != topic.name) continue;
        if (auto why = failure_in(one.error_code, one.error_message)) return failed(*why);
        return {};
    }
    return failed(kafka_exception("The server response did not contain a result for topic " +
                                  topic.name));
}

Outcome<void> delete_topics(Admin& admin, const std::vector<std::string>& names,
                            CallOptions options) {
    // Names travelled in a list of their own before version 6.
    DeleteTopicsRequest request{.topic_names = names,
                                .timeout_ms = int32_t(admin.settings().request_timeout_ms)};
    Outcome<Connection*> to = admin.cluster().controller(
        admin.cluster().deadline(admin.settings().default_api_timeout_ms));
    bool by_state = !to || (*to)->version_of(DeleteTopicsRequest::api).value_or(6) >= 6;
    if (by_state) {
        request.topic_names.clear();
        for (const std::string& name : names) request.topics.push_back({.name = name});
    }
    auto answer = admin.call<DeleteTopicsResponse>(
        "deleteTopics", Target::controller(), request, options,
        [](const DeleteTopicsResponse& r) {
            return r.responses.size() == 1 &&
                           r.responses[0].error_code == ErrorCode::not_controller
                       ? ErrorCode::not_controller
                       : ErrorCode::none;
        });
    if (!answer) return failed(answer.error());
    for (const auto& one : answer->responses) {
        if (auto why = failure_in(one.error_code, one.error_message)) return failed(*why);
    }
    return {};
}

Outcome<void> create_partitions(Admin& admin, const std::map<std::string, NewPartitions>& topics) {
    CreatePartitionsRequest request{.timeout_ms = int32_t(admin.settings().request_timeout_ms)};
    for (const auto& [name, wanted] : topics) {
        CreatePartitionsRequest::CreatePartitionsTopic topic{
            .name = name, .count = wanted.total, .assignments = std::nullopt};
        if (!wanted.assignments.empty()) {
            topic.assignments.emplace();
            for (const auto& replicas : wanted.assignments) {
                topic.assignments->push_back({replicas});
            }
        }
        request.topics.push_back(std::move(topic));
    }
    auto answer = admin.call<CreatePartitionsResponse>("createPartitions", Target::controller(),
                                                       request);
    if (!answer) return failed(answer.error());
    for (const auto& one : answer->results) {
        if (auto why = failure_in(one.error_code, one.error_message)) return failed(*why);
    }
    return {};
}

}  // namespace stoker::kafka
