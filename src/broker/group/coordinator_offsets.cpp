// The coordinator's side of OffsetCommit, OffsetFetch and OffsetDelete: names and ids of topics,
// and the two shapes of OffsetFetch.
#include "broker/group/group_coordinator.hpp"

#include <algorithm>
#include <iterator>

namespace stoker::broker {

using protocol::OffsetCommitRequest;
using protocol::OffsetCommitResponse;
using protocol::OffsetDeleteRequest;
using protocol::OffsetDeleteResponse;
using protocol::OffsetFetchRequest;
using protocol::OffsetFetchResponse;

namespace {

/// From this version on topics have ids instead of names (OffsetCommit and OffsetFetch alike).
constexpr int16_t first_version_with_topic_ids = 10;
/// From this version on OffsetFetch asks for several groups (KIP-709).
constexpr int16_t first_fetch_with_groups = 8;

/// Gives a topic of a request what its version leaves out, the name or the id. False: nobody knows
/// such a topic id.
bool resolve(const TopicDirectory& topics, int16_t version, std::string& name, Uuid& id) {
    if (version < first_version_with_topic_ids) {
        id = topics.id_of ? topics.id_of(name).value_or(Uuid{}) : Uuid{};
        return true;
    }
    auto found = topics.name_of ? topics.name_of(id) : std::nullopt;
    if (!found) return false;
    name = *std::move(found);
    return true;
}

}  // namespace

/// The answer with one entry per partition, and the errors that are no business of the group.
OffsetCommitResponse GroupCoordinator::resolve_topics(OffsetCommitRequest& request,
                                                      int16_t version) const {
    const TopicDirectory& topics = environment_.topics;
    OffsetCommitResponse response;
    for (auto& topic : request.topics) {
        const bool is_known = resolve(topics, version, topic.name, topic.topic_id);
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        answered.topic_id = topic.topic_id;
        for (const auto& partition : topic.partitions) {
            ErrorCode error = ErrorCode::none;
            if (!is_known) {
                error = ErrorCode::unknown_topic_id;
            } else if (topics.has_partition &&
                       !topics.has_partition(topic.name, partition.partition_index)) {
                error = ErrorCode::unknown_topic_or_partition;
            }
            answered.partitions.push_back(
                {.partition_index = partition.partition_index, .error_code = error});
        }
    }
    return response;
}

void GroupCoordinator::commit_offsets(GroupCall<OffsetCommitRequest> call,
                                      GroupReply<OffsetCommitResponse> reply) {
    commit_offsets(std::move(call), {}, std::move(reply));
}

void GroupCoordinator::commit_offsets(GroupCall<OffsetCommitRequest> call,
                                      const OffsetsProducer& producer,
                                      GroupReply<OffsetCommitResponse> reply) {
    const std::string& group_id = call.request.group_id;
    OffsetCommitResponse response = resolve_topics(call.request, call.version);
    const auto each_accepted = [&](auto visit) {
        for (auto& topic : response.topics) {
            for (auto& partition : topic.partitions) {
                if (partition.error_code == ErrorCode::none) visit(partition.error_code);
            }
        }
    };
    bool has_any = false;
    each_accepted([&](ErrorCode&) { has_any = true; });
    // With nothing left to commit, the group is not asked: that is no sign of life either.
    if (!has_any) return reply(std::move(response));
    const auto error = shard_of(group_id).lock()->commit(call, producer, response);
    if (error != ErrorCode::none) each_accepted([&](ErrorCode& each) { each = error; });
    Outbox out;
    out.answer(reply, std::move(response),
               error == ErrorCode::none ? std::vector{partition_of(group_id)}
                                        : std::vector<PartitionId>{});
    out.deliver(environment_.when_durable);
}

OffsetFetchResponse::OffsetFetchResponseGroup GroupCoordinator::fetch_group(
    OffsetFetchRequest::OffsetFetchRequestGroup request, int16_t version,
    bool require_stable) const {
    const TopicDirectory& directory = environment_.topics;
    const bool has_ids = version >= first_version_with_topic_ids;
    OffsetFetchResponse::OffsetFetchResponseGroup unknown;
    if (request.topics) {
        std::erase_if(*request.topics, [&](auto& topic) {
            if (resolve(directory, version, topic.name, topic.topic_id)) return false;
            auto& answered = unknown.topics.emplace_back();
            answered.topic_id = topic.topic_id;
            for (const PartitionId partition : topic.partition_indexes) {
                answered.partitions.push_back({.partition_index = partition,
                                               .committed_offset = Offset{-1},
                                               .metadata = "",
                                               .error_code = ErrorCode::unknown_topic_id});
            }
            return true;
        });
    }
    auto answer = shard_of(request.group_id).lock()->fetch(request, require_stable);
    if (!request.topics && has_ids) {
        // All topics, by id: those that no longer exist have none to be named by.
        std::erase_if(answer.topics, [&](auto& topic) {
            const auto id = directory.id_of ? directory.id_of(topic.name) : std::nullopt;
            if (!id || !same_topic(*id, topic.topic_id)) return true;
            topic.topic_id = *id;
            return false;
        });
    }
    std::ranges::move(unknown.topics, std::back_inserter(answer.topics));
    return answer;
}

void GroupCoordinator::fetch_offsets(GroupCall<OffsetFetchRequest> call,
                                     GroupReply<OffsetFetchResponse> reply) {
    OffsetFetchRequest& request = call.request;
    OffsetFetchResponse response;
    if (call.version >= first_fetch_with_groups) {
        for (auto& group : request.groups) {
            response.groups.push_back(
                fetch_group(std::move(group), call.version, request.require_stable));
        }
        return reply(std::move(response));
    }
    OffsetFetchRequest::OffsetFetchRequestGroup group{.group_id = request.group_id,
                                                      .topics = std::nullopt};
    if (request.topics) {
        group.topics.emplace();
        for (auto& topic : *request.topics) {
            group.topics->push_back({.name = std::move(topic.name),
                                     .partition_indexes = std::move(topic.partition_indexes)});
        }
    }
    auto found = fetch_group(std::move(group), call.version, request.require_stable);
    for (auto& topic : found.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = std::move(topic.name);
        for (auto& partition : topic.partitions) {
            answered.partitions.push_back(
                {.partition_index = partition.partition_index,
                 .committed_offset = partition.committed_offset,
                 .committed_leader_epoch = partition.committed_leader_epoch,
                 .metadata = std::move(partition.metadata),
                 .error_code = partition.error_code});
        }
    }
    reply(std::move(response));
}

void GroupCoordinator::delete_offsets(const GroupCall<OffsetDeleteRequest>& call,
                                      GroupReply<OffsetDeleteResponse> reply) {
    const OffsetDeleteRequest& request = call.request;
    if (request.group_id.empty()) return reply({.error_code = ErrorCode::invalid_group_id});
    const auto& has_partition = environment_.topics.has_partition;
    OffsetDeleteResponse response;
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto& [partition] : topic.partitions) {
            const bool exists = !has_partition || has_partition(topic.name, partition);
            answered.partitions.push_back(
                {.partition_index = partition,
                 .error_code = exists ? ErrorCode::none : ErrorCode::unknown_topic_or_partition});
        }
    }
    const auto error = shard_of(request.group_id).lock()->delete_offsets(request, response);
    if (error != ErrorCode::none) response = {.error_code = error};
    Outbox out;
    out.answer(reply, std::move(response),
               error == ErrorCode::none ? std::vector{partition_of(request.group_id)}
                                        : std::vector<PartitionId>{});
    out.deliver(environment_.when_durable);
}

}  // namespace stoker::broker
