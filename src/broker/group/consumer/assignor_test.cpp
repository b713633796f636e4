#include "broker/group/consumer/assignor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.hpp"
#include "broker/group/consumer/consumer_fixture.hpp"

namespace stoker::broker {
namespace {

std::vector<Uuid> ids(std::vector<std::string> names) {
    std::vector<Uuid> result;
    for (const auto& name : names) result.push_back(topic_id(name));
    std::ranges::sort(result);
    return result;
}

std::vector<size_t> sizes(const std::vector<Assignment>& assignments) {
    std::vector<size_t> result;
    for (const auto& each : assignments) result.push_back(size_of(each));
    return result;
}

size_t moved(const std::vector<AssignorMember>& before, const std::vector<Assignment>& after) {
    size_t count = 0;
    for (size_t i = 0; i < before.size(); ++i) {
        for (const auto& [topic, partitions] : before[i].previous) {
            for (const PartitionId each : partitions) count += has(after[i], topic, each) ? 0 : 1;
        }
    }
    return count;
}

TEST(UniformAssignor, a_new_member_takes_only_its_share_and_only_that_much_moves) {
    const auto topics = topics_of(1, {{"a", 12}});
    std::vector<AssignorMember> members = {
        {.id = "x", .topics = ids({"a"}), .previous = partitions_of("a", {0, 1, 2, 3, 4, 5})},
        {.id = "y", .topics = ids({"a"}), .previous = partitions_of("a", {6, 7, 8, 9, 10, 11})},
        {.id = "z", .topics = ids({"a"})}};
    const auto after = assign_uniform(members, *topics);
    EXPECT_EQ(sizes(after), (std::vector<size_t>{4, 4, 4}));
    EXPECT_EQ(moved(members, after), 4u);
}

TEST(UniformAssignor, who_already_has_the_odd_partition_keeps_it) {
    const auto topics = topics_of(1, {{"a", 3}});
    std::vector<AssignorMember> members = {
        {.id = "x", .topics = ids({"a"}), .previous = partitions_of("a", {0})},
        {.id = "y", .topics = ids({"a"}), .previous = partitions_of("a", {1, 2})}};
    EXPECT_EQ(moved(members, assign_uniform(members, *topics)), 0u);
}

TEST(UniformAssignor, partitions_of_who_has_left_go_to_the_others_and_theirs_stay) {
    const auto topics = topics_of(1, {{"a", 6}});
    std::vector<AssignorMember> members = {
        {.id = "x", .topics = ids({"a"}), .previous = partitions_of("a", {0, 3})},
        {.id = "y", .topics = ids({"a"}), .previous = partitions_of("a", {1, 4})}};
    const auto after = assign_uniform(members, *topics);
    EXPECT_EQ(sizes(after), (std::vector<size_t>{3, 3}));
    EXPECT_EQ(moved(members, after), 0u);
}

TEST(UniformAssignor, members_get_only_topics_they_subscribe_to_and_loads_are_evened_out) {
    const auto topics = topics_of(1, {{"a", 4}, {"b", 4}});
    const std::vector<AssignorMember> members = {{.id = "x", .topics = ids({"a", "b"})},
                                                 {.id = "y", .topics = ids({"b"})}};
    const auto after = assign_uniform(members, *topics);
    EXPECT_EQ(after[0], partitions_of("a", {0, 1, 2, 3}));
    EXPECT_EQ(after[1], partitions_of("b", {0, 1, 2, 3}));
}

TEST(UniformAssignor, more_members_than_partitions_leave_some_without) {
    const auto topics = topics_of(1, {{"a", 1}});
    const auto after = assign_uniform(
        {{.id = "x", .topics = ids({"a"})}, {.id = "y", .topics = ids({"a"})}}, *topics);
    EXPECT_EQ(sizes(after), (std::vector<size_t>{1, 0}));
}

TEST(UniformAssignor, what_is_claimed_twice_or_does_not_exist_is_not_kept_twice) {
    const auto topics = topics_of(1, {{"a", 2}});
    const auto after = assign_uniform(
        {{.id = "x", .topics = ids({"a"}), .previous = partitions_of("a", {0, 1, 7})},
         {.id = "y", .topics = ids({"a"}), .previous = partitions_of("a", {0, 1, -1})}},
        *topics);
    EXPECT_EQ(sizes(after), (std::vector<size_t>{1, 1}));
}

TEST(RangeAssignor, ranges_follow_static_names_and_then_ids_and_the_first_get_the_rest) {
    const auto topics = topics_of(1, {{"a", 7}});
    const auto after = assign_range({{.id = "x", .topics = ids({"a"})},
                                     {.id = "z", .instance_id = "i", .topics = ids({"a"})},
                                     {.id = "w", .topics = ids({"a"})}},
                                    *topics);
    EXPECT_EQ(after[1], partitions_of("a", {0, 1, 2}));
    EXPECT_EQ(after[2], partitions_of("a", {3, 4}));
    EXPECT_EQ(after[0], partitions_of("a", {5, 6}));
}

TEST(RangeAssignor, topics_of_one_size_are_partitioned_alike) {
    const auto topics = topics_of(1, {{"a", 5}, {"b", 5}});
    const auto after = assign_range(
        {{.id = "x", .topics = ids({"a", "b"})}, {.id = "y", .topics = ids({"a", "b"})}}, *topics);
    for (const auto& each : after) {
        EXPECT_EQ(each.at(topic_id("a")), each.at(topic_id("b")));
    }
}

class RandomGroups : public testing::TestWithParam<uint64_t> {};

/// Every partition of every subscribed topic has exactly one owner, who subscribes to it.
void expect_complete(const std::vector<AssignorMember>& members,
                     const std::vector<Assignment>& after, const TopicImage& topics,
                     uint64_t seed) {
    std::set<Uuid> wanted;
    for (const auto& member : members) wanted.insert(member.topics.begin(), member.topics.end());
    for (const Uuid& topic : wanted) {
        std::map<PartitionId, int> owners;
        for (size_t i = 0; i < members.size(); ++i) {
            if (!after[i].contains(topic)) continue;
            ASSERT_TRUE(std::ranges::binary_search(members[i].topics, topic)) << "seed " << seed;
            for (const PartitionId each : after[i].at(topic)) ++owners[each];
        }
        ASSERT_EQ(std::ssize(owners), topics.find(topic)->partitions) << "seed " << seed;
        for (const auto& [partition, count] : owners) ASSERT_EQ(count, 1) << "seed " << seed;
    }
}

TEST_P(RandomGroups, are_assigned_completely_evenly_and_settle_at_once) {
    Random random(GetParam());
    for (int round = 0; round < 200; ++round) {
        std::vector<std::pair<std::string, int32_t>> names;
        for (uint64_t t = 0; t <= random.below(5); ++t) {
            names.emplace_back("t" + std::to_string(t), 1 + static_cast<int32_t>(random.below(9)));
        }
        const auto topics = topics_of(1, names);
        const bool is_homogeneous = random.below(2) == 0;
        std::vector<AssignorMember> members(1 + random.below(7));
        for (size_t i = 0; i < members.size(); ++i) {
            members[i].id = "m" + std::to_string(i);
            std::vector<std::string> wanted;
            for (const auto& [name, count] : names) {
                if (is_homogeneous || random.below(2) == 0) wanted.push_back(name);
            }
            members[i].topics = ids(wanted);
        }
        for (const Assignor assignor : {Assignor::uniform, Assignor::range}) {
            const auto first = assign(assignor, members, *topics);
            expect_complete(members, first, *topics, GetParam());
            auto again = members;
            for (size_t i = 0; i < again.size(); ++i) again[i].previous = first[i];
            ASSERT_EQ(assign(assignor, again, *topics), first) << "seed " << GetParam();
            if (assignor != Assignor::uniform) continue;
            // No member could hand a partition of a topic to a subscriber with two fewer.
            const auto loads = sizes(first);
            for (size_t from = 0; from < members.size(); ++from) {
                for (const auto& [topic, partitions] : first[from]) {
                    for (size_t to = 0; to < members.size(); ++to) {
                        if (!std::ranges::binary_search(members[to].topics, topic)) continue;
                        ASSERT_LE(loads[from], loads[to] + 1) << "seed " << GetParam();
                    }
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomGroups, testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace stoker::broker
