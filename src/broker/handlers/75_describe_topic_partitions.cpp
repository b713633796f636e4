// DescribeTopicPartitions (75), version 0.
//
// Behaviour: topics and their partitions by name, in pages: what does not fit goes on where
// next_cursor points to (KIP-966).
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;

namespace {

using Answer = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;

/// Sorted, each once.
std::vector<std::string> names_of(Broker& broker, const Access& access,
                                  const DescribeTopicPartitionsRequest& asked) {
    std::vector<std::string> names;
    if (asked.topics.empty())
        for (const auto& topic : broker.metadata().topics())
            if (access.allows(Right::describe_partitions_all_topics, topic->name))
                names.push_back(topic->name);
    for (const auto& topic : asked.topics) names.push_back(topic.name);
    std::ranges::sort(names);
    const auto again = std::ranges::unique(names);
    names.erase(again.begin(), again.end());
    return names;
}

Answer refused(const std::string& name) {
    return {.error_code = ErrorCode::topic_authorization_failed, .name = name};
}

Answer unknown(const std::string& name, int32_t operations) {
    return {.error_code = invalid_topic_name(name) ? ErrorCode::invalid_topic_exception
                                                   : ErrorCode::unknown_topic_or_partition,
            .name = name,
            .topic_authorized_operations = operations};
}

/// One page, filled topic by topic.
class Page {
public:
    Page(int32_t node, size_t room) : node_(node), room_(room) {}

    bool ended() const { return response_.next_cursor.has_value(); }
    bool full() const { return room_ == 0; }
    void go_on_at(const std::string& name) {
        response_.next_cursor = {.topic_name = name, .partition_index = PartitionId{0}};
    }
    void add(Answer answer) { response_.topics.push_back(std::move(answer)); }
    void add(const Topic& topic, size_t first, int32_t operations) {
        Answer answer{.name = topic.name,
                      .topic_id = topic.id,
                      .is_internal = topic.internal(),
                      .topic_authorized_operations = operations};
        for (size_t i = first; i < topic.partitions.size(); ++i) {
            if (room_ == 0) {
                response_.next_cursor = {.topic_name = topic.name,
                                         .partition_index = PartitionId(int32_t(i))};
                break;
            }
            --room_;
            answer.partitions.push_back({.partition_index = PartitionId(int32_t(i)),
                                         .leader_id = node_,
                                         .leader_epoch = topic.partitions[i]->leader_epoch(),
                                         .replica_nodes = {node_},
                                         .isr_nodes = {node_},
                                         .eligible_leader_replicas = std::vector<int32_t>{},
                                         .last_known_elr = std::vector<int32_t>{}});
        }
        response_.topics.push_back(std::move(answer));
    }
    const DescribeTopicPartitionsResponse& response() const { return response_; }

private:
    int32_t node_;
    size_t room_;
    DescribeTopicPartitionsResponse response_{.next_cursor = std::nullopt};
};

}  // namespace

void describe_topic_partitions(Broker& broker, const Request& request,
                               DescribeTopicPartitionsRequest asked,
                               Reply<DescribeTopicPartitionsResponse> reply) {
    const Access access(broker, request);
    std::vector<std::string> names = names_of(broker, access, asked);
    int32_t limit = std::min(asked.response_partition_limit,
                             broker.configs().int32("max.request.partition.size.limit"));
    size_t first_partition = 0;
    if (asked.cursor) {
        int32_t index = raw(asked.cursor->partition_index);
        bool listed = asked.topics.empty() ||
                      std::ranges::find(names, asked.cursor->topic_name) != names.end();
        if (index < 0 || !listed) {
            DescribeTopicPartitionsResponse refused;
            for (const auto& topic : asked.topics)
                refused.topics.push_back(
                    {.error_code = ErrorCode::invalid_request, .name = topic.name});
            return std::move(reply)(refused);
        }
        const std::string& from = asked.cursor->topic_name;
        std::erase_if(names, [&](const std::string& name) { return name < from; });
        if (!names.empty() && names.front() == from) first_partition = size_t(index);
    }
    Page page(broker.node_id(), size_t(std::max(limit, 1)));
    for (const std::string& name : names) {
        if (page.full()) {
            page.go_on_at(name);  // whether there is such a topic or not
            break;
        }
        auto topic = broker.metadata().find(name);
        bool named = !asked.topics.empty();
        if (named && !access.allows(Right::describe_partitions_topic, name)) {
            page.add(refused(name));
        } else {
            int32_t operations = access.operations(AclResource::topic, name);
            if (topic) page.add(*topic, first_partition, operations);
            else page.add(unknown(name, operations));
        }
        first_partition = 0;
        if (page.ended()) break;
    }
    std::move(reply)(page.response());
}

}  // namespace stoker::broker
