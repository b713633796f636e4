// Topics: created, grown, deleted, looked at.
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/19_create_topics.hpp"
#include "protocol/messages/20_delete_topics.hpp"
#include "protocol/messages/35_describe_log_dirs.hpp"
#include "protocol/messages/37_create_partitions.hpp"
#include "protocol/messages/43_elect_leaders.hpp"
#include "protocol/messages/45_alter_partition_reassignments.hpp"
#include "protocol/messages/46_list_partition_reassignments.hpp"
#include "protocol/messages/75_describe_topic_partitions.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using protocol::DeleteTopicsRequest;
using protocol::DeleteTopicsResponse;
using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;
using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using protocol::ListPartitionReassignmentsRequest;
using protocol::ListPartitionReassignmentsResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

std::vector<int32_t> draw_replicas(Draw& draw) {
    return draw.pick<std::vector<int32_t>>({{1}, {1}, {1}, {2}, {1, 1}, {1, 2}, {}, {-1}});
}

CreateTopicsRequest::CreatableTopic draw_creation(Draw& draw, const std::string& name) {
    CreateTopicsRequest::CreatableTopic topic{.name = name};
    topic.num_partitions =
        draw.chance(75) ? int32_t(draw.between(1, 4)) : draw.pick({-1, 0, -2, -1, 100'000});
    topic.replication_factor = draw.chance(85) ? 1 : draw.pick<int16_t>({-1, 0, 2, -2});
    if (draw.chance(12)) {
        topic.num_partitions = draw.chance(80) ? -1 : 2;
        topic.replication_factor = draw.chance(80) ? -1 : 1;
        for (size_t i = 0; i < 1 + draw.below(2); ++i) {
            auto index = PartitionId{int32_t(draw.chance(90) ? i : i + 1)};
            topic.assignments.push_back(
                {.partition_index = index, .broker_ids = draw_replicas(draw)});
        }
    }
    if (draw.chance(25)) {
        using Config = CreateTopicsRequest::CreatableTopicConfig;
        topic.configs.push_back(draw.pick<Config>({
            {"retention.ms", "3600000"}, {"retention.ms", "-2"}, {"retention.ms", "abc"},
            {"cleanup.policy", "compact,delete"}, {"cleanup.policy", "nonsense"},
            {"compression.type", "zstd"}, {"compression.type", "lzma"},
            {"message.timestamp.type", "LogAppendTime"}, {"min.insync.replicas", "2"},
            {"segment.bytes", "1"}, {"no.such.config", "1"}, {"max.message.bytes", "1000"},
            {"retention.ms", std::nullopt}, {"remote.storage.enable", "true"},
            {"leader.replication.throttled.replicas", "0:1"}, {"preallocate", "maybe"}}));
        if (draw.chance(20)) topic.configs.push_back(topic.configs[0]);
    }
    return topic;
}

void create_topics(Duel& duel) {
    Draw& draw = duel.draw;
    CreateTopicsRequest request{.timeout_ms = 10'000};
    for (size_t i = draw.chance(95) ? 1 + draw.below(2) : 0; i > 0; --i) {
        std::string name = draw.chance(80) ? draw.fleeting_topic() : draw.bad_topic();
        if (draw.chance(5)) name = draw.pick<std::string>({"alpha", "__consumer_offsets"});
        if (name == "missing") name = "one";
        request.topics.push_back(draw_creation(draw, name));
    }
    request.validate_only = draw.chance(15);
    duel.exchange<CreateTopicsResponse>(request);
}

void delete_topics(Duel& duel) {
    Draw& draw = duel.draw;
    DeleteTopicsRequest request{.timeout_ms = 10'000};
    for (size_t i = draw.chance(95) ? 1 + draw.below(2) : 0; i > 0; --i) {
        std::string name = draw.chance(80) ? draw.fleeting_topic() : draw.bad_topic();
        request.topic_names.push_back(name);
        DeleteTopicsRequest::DeleteTopicState state;
        if (draw.chance(60)) state.name = name;
        if (!state.name || draw.chance(5)) {
            state.topic_id = draw.chance(90) ? topic_symbol(name, draw.chance(10) ? 1 : 0) : Uuid{};
        }
        request.topics.push_back(state);
    }
    duel.exchange<DeleteTopicsResponse>(request);
}

void create_partitions(Duel& duel) {
    Draw& draw = duel.draw;
    CreatePartitionsRequest request{.timeout_ms = 10'000, .validate_only = draw.chance(30)};
    for (size_t i = 1 + draw.below(2); i > 0; --i) {
        CreatePartitionsRequest::CreatePartitionsTopic topic{
            .name = draw.chance(70) ? draw.fleeting_topic() : draw.bad_topic()};
        topic.count = draw.chance(80) ? int32_t(draw.between(1, 6)) : draw.pick({0, -1});
        // No more than 10,000: the reference says no and makes 10,000 of them.
        topic.assignments = std::nullopt;
        if (draw.chance(25)) {
            topic.assignments.emplace();
            for (size_t n = draw.below(3); n > 0; --n) {
                topic.assignments->push_back({.broker_ids = draw_replicas(draw)});
            }
        }
        request.topics.push_back(std::move(topic));
    }
    duel.exchange<CreatePartitionsResponse>(request);
}

void metadata(Duel& duel) {
    Draw& draw = duel.draw;
    MetadataRequest request;
    request.allow_auto_topic_creation = false;
    request.include_cluster_authorized_operations = draw.chance(20);
    request.include_topic_authorized_operations = draw.chance(20);
    if (draw.chance(20)) {
        request.topics = std::nullopt;
        request.allow_auto_topic_creation = draw.chance(50);
    }
    std::set<std::string> names;
    for (size_t i = draw.below(4); request.topics && i > 0; --i) {
        std::string name = draw.topic(duel.model);
        if (!names.insert(name).second) continue;
        MetadataRequest::MetadataRequestTopic topic{.name = name};
        if (draw.chance(30)) {
            topic.topic_id = topic_symbol(name, draw.chance(15) ? 1 : 0);
            if (draw.chance(90)) topic.name = std::nullopt;
        }
        request.topics->push_back(topic);
    }
    // Before version 4 asking always creates; before 12 there are no ids.
    int16_t version = duel.draw_version(MetadataRequest::api);
    if (version < 12 && request.topics) {
        std::erase_if(*request.topics, [&](const auto& topic) {
            return !topic.name || (version < 4 && !duel.model.topics.contains(*topic.name));
        });
        for (auto& topic : *request.topics) {
            if (version < 10) topic.topic_id = Uuid{};
        }
    }
    duel.exchange_in<MetadataResponse>(version, request, [](World&, const MetadataResponse&) {});
}

void describe_topic_partitions(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeTopicPartitionsRequest request;
    for (size_t i = draw.below(4); i > 0; --i) {
        request.topics.push_back({.name = draw.topic(duel.model)});
    }
    if (draw.chance(40)) request.response_partition_limit = draw.pick({0, 1, 2, 3, -1});
    if (draw.chance(30)) {
        std::string name = draw.topic(duel.model);
        request.cursor = DescribeTopicPartitionsRequest::Cursor{
            .topic_name = name, .partition_index = draw.partition(duel.model, name)};
    }
    duel.exchange<DescribeTopicPartitionsResponse>(request);
}

void elect_leaders(Duel& duel) {
    Draw& draw = duel.draw;
    ElectLeadersRequest request{.election_type = draw.pick<int8_t>({0, 0, 1, 2})};
    if (draw.chance(15)) {
        request.topic_partitions = std::nullopt;
    } else {
        std::string name = draw.topic(duel.model);
        request.topic_partitions->push_back(
            {.topic = name, .partitions = {draw.partition(duel.model, name)}});
    }
    duel.exchange<ElectLeadersResponse>(request);
}

void alter_reassignments(Duel& duel) {
    Draw& draw = duel.draw;
    AlterPartitionReassignmentsRequest request;
    request.allow_replication_factor_change = draw.chance(70);
    for (size_t i = 1 + draw.below(2); i > 0; --i) {
        std::string name = draw.topic(duel.model);
        AlterPartitionReassignmentsRequest::ReassignablePartition partition{
            .partition_index = draw.partition(duel.model, name)};
        if (draw.chance(80)) partition.replicas = draw_replicas(draw);
        request.topics.push_back({.name = name, .partitions = {partition}});
    }
    duel.exchange<AlterPartitionReassignmentsResponse>(request);
}

void list_reassignments(Duel& duel) {
    Draw& draw = duel.draw;
    ListPartitionReassignmentsRequest request;
    if (draw.chance(60)) {
        std::string name = draw.topic(duel.model);
        request.topics.emplace();
        request.topics->push_back(
            {.name = name, .partition_indexes = {draw.partition(duel.model, name)}});
    }
    duel.exchange<ListPartitionReassignmentsResponse>(request);
}

void describe_log_dirs(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeLogDirsRequest request{.topics = std::nullopt};
    if (draw.chance(70)) {
        std::string name = draw.topic(duel.model);
        request.topics.emplace();
        request.topics->push_back(
            {.topic = name, .partitions = {draw.partition(duel.model, name)}});
    }
    duel.exchange<DescribeLogDirsResponse>(request);
}

}  // namespace

std::vector<StepKind> topic_steps() {
    return {
        {19, "create topics", 10, create_topics},
        {20, "delete topics", 6, delete_topics},
        {37, "create partitions", 5, create_partitions},
        {3, "metadata", 10, metadata},
        {75, "describe topic partitions", 5, describe_topic_partitions},
        {43, "elect leaders", 3, elect_leaders},
        {45, "alter reassignments", 4, alter_reassignments},
        {46, "list reassignments", 2, list_reassignments},
        {35, "describe log dirs", 4, describe_log_dirs},
    };
}

}  // namespace stoker::differential
