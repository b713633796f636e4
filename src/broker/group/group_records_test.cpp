#include "broker/group/group_records.hpp"

#include <gtest/gtest.h>

#include "broker/group/classic_group.hpp"
#include "broker/group/java_string.hpp"

namespace stoker::broker {
namespace {

TEST(JavaString, the_buckets_are_those_of_a_java_hash_map) {
    EXPECT_EQ(java_hash_bucket("", 1), 0u);
    EXPECT_EQ(java_hash_bucket("a", 12), 97u % 16);
    EXPECT_EQ(java_hash_bucket("a", 13), 97u % 32);
    // Its hash is -1,205,437,170: the upper half counts, too.
    EXPECT_EQ(java_hash_bucket("metadata.version", 1),
              ((uint32_t(java_hash("metadata.version")) >> 16) ^
               uint32_t(java_hash("metadata.version"))) % 16);
}

TEST(JavaString, the_hash_counts_utf16_code_units_as_java_does) {
    EXPECT_EQ(java_hash(""), 0);
    EXPECT_EQ(java_hash("a"), 97);
    EXPECT_EQ(java_hash("consumer-group"), -1738392088);
    EXPECT_EQ(java_hash("gr\u00fcppe-\u20ac"), 243499123);
    EXPECT_EQ(java_hash("\U0001F600"), 1772899);
    EXPECT_EQ(java_hash("polygenelubricants"), std::numeric_limits<int32_t>::min());
}

TEST(JavaString, a_character_beyond_the_basic_plane_has_length_two) {
    EXPECT_EQ(java_length("a\u00fc\u20ac"), 3u);
    EXPECT_EQ(java_length("\U0001F600"), 2u);
    EXPECT_GT(java_length("\xff\xfe"), 0u);  // not UTF-8: any length, but an end
}

TEST(GroupRecords, a_group_lives_in_the_partition_of_the_absolute_value_of_its_hash) {
    EXPECT_EQ(offsets_partition_of("consumer-group", 50), PartitionId{38});
    EXPECT_EQ(offsets_partition_of("a", 50), PartitionId{47});
    // The smallest number has no positive counterpart; Kafka takes 0 for it.
    EXPECT_EQ(offsets_partition_of("polygenelubricants", 50), PartitionId{0});
}

TEST(GroupRecords, a_commit_is_written_as_apache_kafka_writes_it) {
    const auto record = offset_record({.group = "g", .topic = "t", .partition = PartitionId{2}},
                                      {.offset = Offset{5},
                                       .leader_epoch = LeaderEpoch{1},
                                       .metadata = "m",
                                       .commit_timestamp = 256});
    EXPECT_EQ(hex(record.key), "0001" "000167" "000174" "00000002");
    EXPECT_EQ(hex(*record.value),
              "0004" "0000000000000005" "00000001" "026d" "0000000000000100" "00");
}

TEST(GroupRecords, a_commit_with_a_retention_of_its_own_is_written_in_version_1) {
    const auto record = offset_record({.group = "g", .topic = "t", .partition = PartitionId{0}},
                                      {.offset = Offset{5},
                                       .leader_epoch = LeaderEpoch{1},
                                       .commit_timestamp = 256,
                                       .expire_timestamp = 512});
    EXPECT_EQ(hex(*record.value),
              "0001" "0000000000000005" "0000" "0000000000000100" "0000000000000200");
}

TEST(GroupRecords, keys_of_newer_kinds_of_groups_are_known_to_be_unknown) {
    const auto key = read_offsets_key(from_hex("000a00016700"));
    ASSERT_TRUE(key);
    ASSERT_TRUE(std::holds_alternative<UnknownKey>(*key));
    EXPECT_EQ(std::get<UnknownKey>(*key).type, 10);
}

TEST(GroupRecords, a_damaged_key_or_value_is_corrupt_and_a_newer_value_unsupported) {
    EXPECT_EQ(read_offsets_key(from_hex("00")).error(), ErrorCode::corrupt_message);
    EXPECT_EQ(read_offsets_key(from_hex("0001000567")).error(), ErrorCode::corrupt_message);
    EXPECT_EQ(read_offset_value(from_hex("0004ff")).error(), ErrorCode::corrupt_message);
    EXPECT_EQ(read_offset_value(from_hex("0005")).error(), ErrorCode::unsupported_version);
    EXPECT_EQ(read_group_value(from_hex("ffff")).error(), ErrorCode::unsupported_version);
}

TEST(GroupRecords, a_stored_group_that_contradicts_itself_is_corrupt) {
    protocol::GroupMetadataValue value;
    value.protocol = "range";
    value.members = {{.member_id = "a"}, {.member_id = "b"}};
    EXPECT_EQ(check_group_value(value), ErrorCode::none);
    value.members[1].member_id = "a";
    EXPECT_EQ(check_group_value(value), ErrorCode::corrupt_message);
    value.members[1].member_id = "b";
    value.members[0].group_instance_id = value.members[1].group_instance_id = "static";
    EXPECT_EQ(check_group_value(value), ErrorCode::corrupt_message);
    value.members = {{.member_id = "a"}};
    value.protocol.reset();
    EXPECT_EQ(check_group_value(value), ErrorCode::corrupt_message);
}

TEST(Subscription, topics_are_read_from_the_part_that_all_versions_share) {
    using Topics = std::vector<std::string>;
    EXPECT_EQ(subscription_topics(from_hex("0000" "00000001" "000174" "ffffffff")), Topics{"t"});
    EXPECT_EQ(subscription_topics(from_hex("0003" "00000001" "000174" "ffffffff" "00000000"
                                           "00000005" "ffff")),
              Topics{"t"});
}

TEST(Subscription, what_does_not_parse_has_no_topics_that_are_known) {
    EXPECT_FALSE(subscription_topics({}));
    EXPECT_FALSE(subscription_topics(from_hex("ffff00000000")));
    EXPECT_FALSE(subscription_topics(from_hex("00007fffffff")));
    EXPECT_FALSE(subscription_topics(from_hex("0000" "00000001" "0009" "74")));
}

}  // namespace
}  // namespace stoker::broker
