#include "protocol/record_frame.hpp"

#include <gtest/gtest.h>

#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/messages/records_metadata.hpp"
#include "protocol/messages/subscription.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol {
namespace {

TEST(RecordFrame, a_key_begins_with_its_type) {
    Bytes key = encode_key(
        OffsetCommitKey{.group = "g", .topic = "t", .partition = PartitionId{2}});
    EXPECT_EQ(hex(key), "0001" "000167" "000174" "00000002");
    EXPECT_EQ(hex(encode_key(GroupMetadataKey{.group = "g"})), "0002" "000167");
    StoredMessage stored = read_key(key);
    EXPECT_EQ(stored.type, OffsetCommitKey::api.key);
    EXPECT_EQ(decode<OffsetCommitKey>(stored.body, stored.version).group, "g");
}

TEST(RecordFrame, a_value_begins_with_its_version) {
    OffsetCommitValue value{.offset = Offset{5}, .metadata = "m"};
    Bytes bytes = encode_value(value, 3);
    StoredMessage stored = read_value(bytes);
    EXPECT_EQ(stored.version, 3);
    EXPECT_EQ(decode<OffsetCommitValue>(stored.body, stored.version), value);
}

TEST(RecordFrame, a_subscription_begins_with_its_version) {
    EXPECT_EQ(hex(encode_value(ConsumerProtocolSubscription{.topics = {"t"}}, 0)),
              "0000" "00000001" "000174" "ffffffff");
}

TEST(Subscription, of_a_later_version_is_read_as_far_as_we_know_it) {
    ConsumerProtocolSubscription subscription{.topics = {"t", "u"}, .rack_id = "r"};
    Bytes bytes = encode_value(subscription, 3);
    bytes[1] = std::byte{9};
    bytes.insert(bytes.end(), 5, std::byte{0xaa});
    EXPECT_EQ(read_subscription(bytes), subscription);
}

TEST(Subscription, that_is_cut_or_has_a_negative_version_is_malformed) {
    Bytes bytes = encode_value(ConsumerProtocolSubscription{.topics = {"t"}}, 3);
    for (size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_THROW(read_subscription(ByteView(bytes).first(size)), MalformedMessage);
    }
    bytes[0] = std::byte{0xff};
    EXPECT_THROW(read_subscription(bytes), MalformedMessage);
}

TEST(Subscription, an_assignment_is_read_the_same_way) {
    ConsumerProtocolAssignment assignment;
    assignment.assigned_partitions = {{.topic = "t", .partitions = {PartitionId{1}}}};
    Bytes bytes = encode_value(assignment, 1);
    bytes.push_back(std::byte{1});
    EXPECT_EQ(read_assignment(bytes), assignment);
}

template <Message... T>
void expect_framed_as_apache_kafka_frames() {
    auto check = [](auto record) {
        using Record = decltype(record);
        for (int16_t version = 0; version <= Record::api.versions.last; ++version) {
            testing::GoldenValues values(false);
            testing::Filler fill(values, version);
            Record full;
            fill(full);
            auto name = testing::type_name<Record>();
            Bytes golden = testing::golden(name, version, "framed");
            EXPECT_EQ(hex(encode_metadata_record(full, version)), hex(golden)) << name << version;
            StoredMessage stored = read_metadata_record(golden);
            EXPECT_EQ(stored.type, Record::api.key) << name;
            EXPECT_EQ(stored.version, version) << name;
            EXPECT_EQ(decode<Record>(stored.body, version), full) << name;
        }
    };
    (check(T{}), ...);
}

TEST(RecordFrame, metadata_records_are_framed_as_apache_kafka_frames_them) {
    expect_framed_as_apache_kafka_frames<
        RegisterBrokerRecord, TopicRecord, PartitionRecord, ConfigRecord, PartitionChangeRecord,
        RemoveTopicRecord, FeatureLevelRecord, ProducerIdsRecord, BrokerRegistrationChangeRecord,
        NoOpRecord, BeginTransactionRecord, EndTransactionRecord, AbortTransactionRecord,
        RegisterControllerRecord>();
}

TEST(RecordFrame, a_frame_that_is_cut_or_of_another_version_is_malformed) {
    for (auto digits : {"", "01", "0102", "020200", "01" "808002" "00", "0102" "808002"}) {
        EXPECT_THROW(read_metadata_record(from_hex(digits)), MalformedMessage) << digits;
    }
    EXPECT_THROW(read_key(from_hex("00")), MalformedMessage);
    EXPECT_THROW(read_value({}), MalformedMessage);
}

TEST(RecordFrame, an_unknown_record_type_is_left_to_the_caller) {
    Bytes bytes = from_hex("01" "ff01" "00" "aabb");
    StoredMessage stored = read_metadata_record(bytes);
    EXPECT_EQ(stored.type, 255);
    EXPECT_EQ(stored.body.size(), 2u);
}

}  // namespace
}  // namespace stoker::protocol
