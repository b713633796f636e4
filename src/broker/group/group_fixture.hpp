// What the tests of the group coordinator share: a coordinator on a manual clock whose log is a
// vector, and short forms of the requests. For tests only.
#pragma once

#include "base/big_endian.hpp"
#include "broker/group/group_coordinator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stoker::broker {

/// An answer that may still be on its way.
template <class Response>
using Answer = std::shared_ptr<std::optional<Response>>;

inline Bytes subscription(const std::vector<std::string>& topics) {
    Bytes bytes;
    const auto number = [&](auto value) {
        bytes.resize(bytes.size() + sizeof value);
        store_big_endian(bytes.data() + bytes.size() - sizeof value, value);
    };
    number(int16_t{1});
    number(static_cast<int32_t>(topics.size()));
    for (const auto& topic : topics) {
        number(static_cast<int16_t>(topic.size()));
        std::ranges::copy(bytes_of(topic), std::back_inserter(bytes));
    }
    number(int32_t{-1});  // user data
    number(int32_t{0});   // owned partitions
    return bytes;
}

struct JoinOptions {
    std::string member_id = "";
    std::optional<std::string> instance_id = std::nullopt;
    std::vector<MemberProtocol> protocols = {{"range", subscription({"orders"})}};
    std::string type = "consumer";
    int32_t session_ms = 10'000;
    int32_t rebalance_ms = 60'000;
    int16_t version = 9;
    std::string client_id = "app";
};

struct Member {
    std::string id;
    int32_t generation = 0;
    std::optional<std::string> instance_id = std::nullopt;
};

struct StoredRecord {
    PartitionId partition{};
    OffsetsRecord record;
    RecordOrigin origin = {};
    /// Set for a marker, which has no record: the producer of `origin` commits or aborts.
    std::optional<bool> commits = std::nullopt;
};

/// One coordinator and its log.
class GroupHarness {
public:
    explicit GroupHarness(GroupConfig config = {}, TopicDirectory topics = {})
        : coordinator(clock, random, config,
                      {.append =
                           [this](PartitionId partition, std::span<const OffsetsRecord> records,
                                  const OffsetsProducer& producer) {
                               return append(partition, records, producer);
                           },
                       .when_durable =
                           [this](PartitionId partition, std::move_only_function<void()> send) {
                               if (!hold_until_durable) return send();
                               held.emplace_back(partition, std::move(send));
                           },
                       .topics = std::move(topics),
                       .topic_image = [this] { return image; },
                       .group_settings = [this](std::string_view) { return settings; }}) {
        coordinator.on_loaded();
    }

    Result<Offset> append(PartitionId partition, std::span<const OffsetsRecord> records,
                          const OffsetsProducer& producer) {
        if (append_error != ErrorCode::none) return fail(append_error);
        ++batches;
        const Offset base = ends[partition];
        for (const auto& record : records) {
            log.push_back({partition, record, {ends[partition], producer.id}});
            ends[partition] += 1;
        }
        return base;
    }
    /// The marker of a producer's transaction in the partition that the group lives in.
    void end_transaction(const std::string& group, ProducerId producer, bool commits) {
        const PartitionId partition = coordinator.partition_of(group);
        const auto written = coordinator.end_transaction(partition, producer, commits, [&] {
            log.push_back({partition, {}, {ends[partition], producer}, commits});
            ends[partition] += 1;
            return Result<Offset>(ends[partition] - 1);
        });
        EXPECT_TRUE(written);
    }

    template <class Response>
    static std::pair<Answer<Response>, std::move_only_function<void(Response)>> reply() {
        auto answer = std::make_shared<std::optional<Response>>();
        return {answer, [answer](Response response) {
                    EXPECT_FALSE(answer->has_value()) << "a request is answered once";
                    *answer = std::move(response);
                }};
    }

    Answer<protocol::JoinGroupResponse> join(const std::string& group, const JoinOptions& how) {
        auto [answer, send] = reply<protocol::JoinGroupResponse>();
        coordinator.join({.request = {.group_id = group,
                                      .session_timeout_ms = how.session_ms,
                                      .rebalance_timeout_ms = how.rebalance_ms,
                                      .member_id = how.member_id,
                                      .group_instance_id = how.instance_id,
                                      .protocol_type = how.type,
                                      .protocols = how.protocols},
                          .version = how.version,
                          .client = {.id = how.client_id, .host = "/127.0.0.1"}},
                         std::move(send));
        return answer;
    }
    /// Joins, with the member id that the first answer gives where the version asks for that.
    Answer<protocol::JoinGroupResponse> join_twice(const std::string& group, JoinOptions how) {
        auto answer = join(group, how);
        if (!*answer || (*answer)->error_code != ErrorCode::member_id_required) return answer;
        how.member_id = (*answer)->member_id;
        return join(group, how);
    }
    Answer<protocol::SyncGroupResponse> sync(
        const std::string& group, const Member& member,
        std::vector<protocol::SyncGroupRequest::SyncGroupRequestAssignment> assignments = {}) {
        auto [answer, send] = reply<protocol::SyncGroupResponse>();
        coordinator.sync({.request = {.group_id = group,
                                      .generation_id = member.generation,
                                      .member_id = member.id,
                                      .group_instance_id = member.instance_id,
                                      .assignments = std::move(assignments)},
                          .version = 4},
                         std::move(send));
        return answer;
    }
    ErrorCode heartbeat(const std::string& group, const Member& member) {
        auto [answer, send] = reply<protocol::HeartbeatResponse>();
        coordinator.heartbeat({.request = {.group_id = group,
                                           .generation_id = member.generation,
                                           .member_id = member.id,
                                           .group_instance_id = member.instance_id},
                               .version = 4},
                              std::move(send));
        return (*answer)->error_code;
    }
    protocol::LeaveGroupResponse leave(
        const std::string& group,
        std::vector<protocol::LeaveGroupRequest::MemberIdentity> members, int16_t version = 5) {
        auto [answer, send] = reply<protocol::LeaveGroupResponse>();
        protocol::LeaveGroupRequest request{.group_id = group, .members = std::move(members)};
        if (version < 3) request.member_id = request.members.at(0).member_id;
        coordinator.leave({.request = std::move(request), .version = version}, std::move(send));
        return **answer;
    }
    /// A group of one dynamic member, stable, with "plan" as its assignment.
    Member stable_member(const std::string& group, const JoinOptions& how = {}) {
        const auto joined = join_twice(group, how);
        const Member member{(*joined)->member_id, (*joined)->generation_id, how.instance_id};
        const auto synced = sync(group, member, {{member.id, to_bytes("plan")}});
        EXPECT_EQ((*synced)->error_code, ErrorCode::none);
        return member;
    }
    /// A group of two, stable: the first is the leader.
    std::pair<Member, Member> stable_pair(const std::string& group, const JoinOptions& a = {},
                                          const JoinOptions& b = {}) {
        const Member first = stable_member(group, a);
        const auto second = join_twice(group, b);
        EXPECT_FALSE(*second);
        JoinOptions again = a;
        again.member_id = first.id;
        const auto first_again = join(group, again);
        const int32_t generation = (*first_again)->generation_id;
        const Member leader{first.id, generation, a.instance_id};
        const Member follower{(*second)->member_id, generation, b.instance_id};
        EXPECT_EQ((*second)->generation_id, generation);
        const auto waiting = sync(group, follower);
        EXPECT_FALSE(*waiting);
        EXPECT_EQ((*sync(group, leader,
                         {{leader.id, to_bytes("A")}, {follower.id, to_bytes("B")}}))
                      ->assignment,
                  to_bytes("A"));
        EXPECT_EQ((*waiting)->assignment, to_bytes("B"));
        return {leader, follower};
    }

    struct CommitOptions {
        Member member = {.id = "", .generation = -1};
        std::string topic = "orders";
        Uuid topic_id = {};
        PartitionId partition{0};
        int64_t offset = 1;
        std::optional<std::string> metadata = "";
        int64_t retention_ms = -1;
        int16_t version = 9;
    };
    ErrorCode commit(const std::string& group, const CommitOptions& how) {
        auto [answer, send] = reply<protocol::OffsetCommitResponse>();
        coordinator.commit_offsets(
            {.request = {.group_id = group,
                         .generation_id_or_member_epoch = how.member.generation,
                         .member_id = how.member.id,
                         .group_instance_id = how.member.instance_id,
                         .retention_time_ms = how.retention_ms,
                         .topics = {{.name = how.topic,
                                     .topic_id = how.topic_id,
                                     .partitions = {{.partition_index = how.partition,
                                                     .committed_offset = Offset{how.offset},
                                                     .committed_leader_epoch = LeaderEpoch{3},
                                                     .committed_metadata = how.metadata}}}}},
             .version = how.version},
            std::move(send));
        if (!*answer) return ErrorCode::request_timed_out;
        return (*answer)->topics.at(0).partitions.at(0).error_code;
    }
    /// -1: none.
    int64_t committed(const std::string& group, const std::string& topic = "orders",
                      PartitionId partition = {}) {
        auto [answer, send] = reply<protocol::OffsetFetchResponse>();
        coordinator.fetch_offsets(
            {.request = {.groups = {{.group_id = group,
                                     .topics = {{{.name = topic,
                                                  .partition_indexes = {partition}}}}}}},
             .version = 9},
            std::move(send));
        return raw((*answer)->groups.at(0).topics.at(0).partitions.at(0).committed_offset);
    }
    protocol::DescribeGroupsResponse::DescribedGroup describe(const std::string& group,
                                                              int16_t version = 6) {
        auto [answer, send] = reply<protocol::DescribeGroupsResponse>();
        coordinator.describe_groups({.request = {.groups = {group}}, .version = version},
                                    std::move(send));
        return (*answer)->groups.at(0);
    }
    std::string state(const std::string& group) { return describe(group).group_state; }
    std::vector<protocol::ListGroupsResponse::ListedGroup> list(
        protocol::ListGroupsRequest request = {}) {
        auto [answer, send] = reply<protocol::ListGroupsResponse>();
        coordinator.list_groups({.request = std::move(request), .version = 5}, std::move(send));
        return (*answer)->groups;
    }
    ErrorCode delete_group(const std::string& group) {
        auto [answer, send] = reply<protocol::DeleteGroupsResponse>();
        coordinator.delete_groups({.request = {.groups_names = {group}}, .version = 2},
                                  std::move(send));
        return (*answer)->results.at(0).error_code;
    }

    /// Time passes in small steps, with a tick after each.
    void pass_ms(int64_t ms, int64_t step_ms = 500) {
        for (; ms > 0; ms -= step_ms) {
            clock.advance_ms(std::min(ms, step_ms));
            coordinator.tick();
        }
    }
    /// Takes in the log of another one, as a start after a crash does.
    void replay(const std::vector<StoredRecord>& records) {
        for (const auto& [partition, record, origin, commits] : records) {
            if (commits) {
                coordinator.apply_end(partition, origin.producer, *commits);
                continue;
            }
            EXPECT_EQ(coordinator.apply(record.key,
                                        record.value ? std::optional<ByteView>(*record.value)
                                                     : std::nullopt,
                                        origin),
                      ErrorCode::none);
        }
        coordinator.on_loaded();
    }

    ManualClock clock;
    Random random{42};
    std::shared_ptr<const TopicImage> image = std::make_shared<const TopicImage>();
    ConsumerGroupSettings settings;
    ErrorCode append_error = ErrorCode::none;
    std::vector<StoredRecord> log;
    std::map<PartitionId, Offset> ends;
    int batches = 0;
    bool hold_until_durable = false;
    std::vector<std::pair<PartitionId, std::move_only_function<void()>>> held;
    GroupCoordinator coordinator;
};

}  // namespace stoker::broker
