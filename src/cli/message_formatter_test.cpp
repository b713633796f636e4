#include "cli/message_formatter.hpp"

#include <gtest/gtest.h>

#include "cli/test_streams.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::cli {
namespace {

using Properties = std::map<std::string, std::string, std::less<>>;

/// A record of partition t-1 at offset 7, of time 1000.
class FormatterTest : public testing::Test {
protected:
    TestStreams streams;
    kafka::TopicPartition where{"t", 1};
    Bytes headers;
    kafka::ConsumerRecord record{.where = &where,
                                 .view = {.offset = Offset{7},
                                          .timestamp = 1000,
                                          .key = bytes_of("k"),
                                          .value = bytes_of("v")}};

    std::string printed(Properties properties,
                        std::string_view formatter = default_formatter) {
        const auto made =
            make_formatter(formatter, kafka::ClientProperties(std::move(properties)), streams.io);
        streams.out_text.clear();
        made->write(record, streams.out);
        return streams.out_text;
    }
    /// Two headers: a of "1", b of nothing.
    void add_headers() {
        headers = from_hex("0261023102620100");
        headers.resize(headers.size() - 1);
        record.view.headers = record::HeaderRange(headers, 2);
    }
    std::string formatted(std::string_view name) {
        return printed({}, "org.apache.kafka.tools.consumer." + std::string(name));
    }
};

TEST_F(FormatterTest, the_value_and_a_newline_are_the_default) {
    EXPECT_EQ(printed({}), "v\n");
    record.view.value.reset();
    EXPECT_EQ(printed({}), "null\n");
    EXPECT_EQ(printed({{"null.literal", "-"}}), "-\n");
}

TEST_F(FormatterTest, everything_is_printed_in_upstreams_order) {
    add_headers();
    const Properties all = {{"print.timestamp", "true"}, {"print.partition", "true"},
                            {"print.offset", "true"},    {"print.delivery", "true"},
                            {"print.epoch", "true"},     {"print.headers", "true"},
                            {"print.key", "true"}};
    EXPECT_EQ(printed(all),
              "CreateTime:1000\tPartition:1\tOffset:7\tDelivery:NOT_PRESENT\tEpoch:NOT_PRESENT\t"
              "a:1,b:null\tk\tv\n");
    record.log_append_time = true;
    EXPECT_EQ(printed({{"print.timestamp", "true"}}), "LogAppendTime:1000\tv\n");
}

TEST_F(FormatterTest, the_last_part_ends_the_line) {
    EXPECT_EQ(printed({{"print.key", "true"}, {"print.value", "false"}}), "k\n");
    EXPECT_EQ(printed({{"print.offset", "true"}, {"print.value", "false"}}), "Offset:7\n");
    EXPECT_EQ(printed({{"print.headers", "true"}, {"print.value", "false"}}), "NO_HEADERS\n");
    EXPECT_EQ(printed({{"line.separator", ";"}}), "v;");
}

TEST_F(FormatterTest, separators_and_deserializers_are_the_users) {
    record.view.value = bytes_of(std::string_view("\0\0\0\0\0\0\0\5", 8));
    EXPECT_EQ(printed({{"print.key", "true"},
                       {"key.separator", " => "},
                       {"value.deserializer",
                        "org.apache.kafka.common.serialization.LongDeserializer"}}),
              "k => 5\n");
}

TEST_F(FormatterTest, a_value_of_the_wrong_size_is_javas_exception) {
    try {
        printed({{"value.deserializer",
                  "org.apache.kafka.common.serialization.IntegerDeserializer"}});
        FAIL() << "one byte is no integer";
    } catch (const kafka::KafkaException& thrown) {
        EXPECT_EQ(thrown.failure().to_string(),
                  "org.apache.kafka.common.errors.SerializationException: Size of data received by "
                  "IntegerDeserializer is not 4");
    }
}

TEST_F(FormatterTest, an_unknown_deserializer_is_logged_and_left_out) {
    EXPECT_EQ(printed({{"value.deserializer", "no.such"}}), "v\n");
    EXPECT_TRUE(streams.err_text.contains("Unable to instantiate a deserializer from no.such"))
        << streams.err_text;
}

TEST_F(FormatterTest, there_are_no_other_classes) {
    EXPECT_EQ(formatted("NoOpMessageFormatter"), "");
    EXPECT_EQ(formatted("LoggingMessageFormatter"), "v\n");
    EXPECT_EQ(make_formatter("kafka.tools.DefaultMessageFormatter", {}, streams.io), nullptr);
}

TEST_F(FormatterTest, committed_offsets_are_json_without_a_line_end) {
    const Bytes key = protocol::encode_key(
        protocol::OffsetCommitKey{.group = "g", .topic = "t", .partition = PartitionId{1}});
    const protocol::OffsetCommitValue committed{
        .offset = Offset{100}, .leader_epoch = LeaderEpoch{10}, .metadata = "m\"",
        .commit_timestamp = 1234, .expire_timestamp = 99};
    record.view.key = key;
    const auto of_version = [&](int16_t version) {
        const Bytes value = protocol::encode_value(committed, version);
        record.view.value = value;
        return formatted("OffsetsMessageFormatter");
    };
    const std::string front =
        R"({"key":{"type":1,"data":{"group":"g","topic":"t","partition":1}},"value":{"version":)";
    EXPECT_EQ(of_version(0),
              front + R"(0,"data":{"offset":100,"metadata":"m\"","commitTimestamp":1234}}})");
    EXPECT_EQ(of_version(1), front + R"(1,"data":{"offset":100,"metadata":"m\"",)" +
                                 R"("commitTimestamp":1234,"expireTimestamp":99}}})");
    EXPECT_EQ(of_version(3), front + R"(3,"data":{"offset":100,"leaderEpoch":10,)" +
                                 R"("metadata":"m\"","commitTimestamp":1234}}})");
    record.view.value.reset();
    EXPECT_EQ(formatted("OffsetsMessageFormatter"),
              R"({"key":{"type":1,"data":{"group":"g","topic":"t","partition":1}},"value":null})");
    EXPECT_EQ(formatted("GroupMetadataMessageFormatter"), "");
}

TEST_F(FormatterTest, groups_are_json_with_their_members) {
    const Bytes key = protocol::encode_key(protocol::GroupMetadataKey{.group = "g"});
    const Bytes value = protocol::encode_value(
        protocol::GroupMetadataValue{
            .protocol_type = "consumer", .generation = 1, .protocol = "range", .leader = "m",
            .current_state_timestamp = 5,
            .members = {{.member_id = "m", .client_id = "c", .client_host = "/h",
                         .rebalance_timeout = 1, .session_timeout = 2,
                         .subscription = from_hex("0001"), .assignment = from_hex("02")}}},
        3);
    record.view.key = key;
    record.view.value = value;
    EXPECT_EQ(formatted("GroupMetadataMessageFormatter"),
              R"({"key":{"type":2,"data":{"group":"g"}},"value":{"version":3,"data":{)"
              R"("protocolType":"consumer","generation":1,"protocol":"range","leader":"m",)"
              R"("currentStateTimestamp":5,"members":[{"memberId":"m","groupInstanceId":null,)"
              R"("clientId":"c","clientHost":"/h","rebalanceTimeout":1,"sessionTimeout":2,)"
              R"("subscription":"AAE=","assignment":"Ag=="}]}}})");
}

TEST_F(FormatterTest, transactions_leave_out_tagged_defaults) {
    // Version 0: no tagged fields. An id, an epoch, a time-out, a state, partitions, two times.
    const Bytes key = from_hex("0000000374782d");
    const Bytes value = from_hex(
        "0000"
        "0000000000000026" "0000" "0000ea60" "01"
        "00000001" "00037478" "6e" "00000001" "00000000"
        "0000000000000007" "ffffffffffffffff");
    record.view.key = key;
    record.view.value = value;
    EXPECT_EQ(formatted("TransactionLogMessageFormatter"),
              R"({"key":{"type":0,"data":{"transactionalId":"tx-"}},"value":{"version":0,)"
              R"("data":{"producerId":38,"producerEpoch":0,"transactionTimeoutMs":60000,)"
              R"("transactionStatus":1,"transactionPartitions":[{"topic":"txn",)"
              R"("partitionIds":[0]}],"transactionLastUpdateTimestampMs":7,)"
              R"("transactionStartTimestampMs":-1}}})");
}

TEST_F(FormatterTest, a_record_that_is_none_is_told_with_its_offset) {
    const Bytes key = from_hex("00010003");
    record.view.key = key;
    try {
        formatted("OffsetsMessageFormatter");
        FAIL() << "a cut key was printed";
    } catch (const kafka::KafkaException& thrown) {
        EXPECT_TRUE(thrown.failure().text().starts_with(
            "Could not read record at offset 7 due to: "))
            << thrown.failure().text();
    }
}

}  // namespace
}  // namespace stoker::cli
