#include <gtest/gtest.h>

#include "base/big_endian.hpp"
#include "base/test_folder.hpp"
#include "cli/stored_records.hpp"
#include "cli/test_streams.hpp"
#include "cli/tool_list.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/messages/records_control.hpp"
#include "protocol/messages/records_metadata.hpp"
#include "protocol/record_frame.hpp"
#include "record/builder.hpp"

namespace stoker::cli {
namespace {

using record::BatchBuilder;

const std::string segment = "00000000000000000000.log";

Bytes two_records(Offset base = Offset{0}, record::Codec codec = record::Codec::none) {
    BatchBuilder builder({.base_offset = base,
                          .codec = codec,
                          .producer_id = ProducerId{7},
                          .producer_epoch = 0,
                          .base_sequence = 3,
                          .leader_epoch = LeaderEpoch{0}});
    const record::Header header{.key = "h", .value = bytes_of("1")};
    builder.append(1000, bytes_of("k1"), bytes_of("v1"), std::span(&header, 1));
    builder.append(1001, std::nullopt, bytes_of("v2"));
    return std::move(builder).build();
}

Bytes joined(Bytes a, const Bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

struct Dump : TestStreams {
    TestFolder folder;

    /// The lines after "Dumping …", with the checksums taken out.
    std::string run(Args args) {
        out_text.clear();
        run_tool({"kafka-dump-log", run_dump_log}, args, io);
        std::string text = out_text;
        text.erase(0, text.find('\n') + 1);
        for (size_t at = 0; (at = text.find(" crc: ", at)) != std::string::npos; ++at) {
            text.erase(at, text.find(" isvalid", at) - at);
        }
        return text;
    }
};

TEST(DumpLog, prints_a_line_for_each_batch) {
    Dump d;
    const Bytes batch = two_records();
    const std::string size = std::to_string(batch.size());
    const std::string file = d.folder.write(segment, joined(batch, two_records(Offset{2})));
    const auto line = [&](const std::string& offsets, const std::string& position) {
        return offsets +
               " count: 2 baseSequence: 3 lastSequence: 4 producerId: 7 "
               "producerEpoch: 0 partitionLeaderEpoch: 0 isTransactional: false "
               "isControl: false deleteHorizonMs: OptionalLong.empty position: " +
               position + " CreateTime: 1001 size: " + size +
               " magic: 2 compresscodec: none isvalid: true\n";
    };
    EXPECT_EQ(d.run({"--files", file}), "Log starting offset: 0\n" +
                                            line("baseOffset: 0 lastOffset: 1", "0") +
                                            line("baseOffset: 2 lastOffset: 3", size));
}

TEST(DumpLog, prints_records_of_every_codec) {
    for (const auto codec : {record::Codec::none, record::Codec::gzip, record::Codec::snappy,
                             record::Codec::lz4, record::Codec::zstd}) {
        Dump d;
        const std::string file = d.folder.write(segment, two_records(Offset{0}, codec));
        const std::string text = d.run({"--files", file, "--print-data-log"});
        EXPECT_TRUE(
            text.ends_with("| offset: 0 CreateTime: 1000 keySize: 2 valueSize: 2 sequence: "
                           "3 headerKeys: [h] key: k1 payload: v1\n"
                           "| offset: 1 CreateTime: 1001 keySize: -1 valueSize: 2 "
                           "sequence: 4 headerKeys: [] payload: v2\n"))
            << text;
    }
}

TEST(DumpLog, leaves_out_what_stands_before_a_record_when_told) {
    Dump d;
    const std::string file = d.folder.write(segment, two_records());
    const std::string text = d.run({"--files", file, "--print-data-log", "--skip-record-metadata"});
    EXPECT_TRUE(text.ends_with("\n| key: k1 payload: v1\n| payload: v2\n")) << text;
}

TEST(DumpLog, tells_damage_and_what_follows_the_last_whole_batch) {
    Dump d;
    Bytes bytes = joined(two_records(), two_records(Offset{2}));
    bytes[70] ^= std::byte{1};
    bytes.resize(bytes.size() - 5);
    const size_t rest = bytes.size() - two_records().size();
    const std::string text = d.run({"--files", d.folder.write(segment, bytes)});
    EXPECT_NE(text.find("isvalid: false"), std::string::npos);
    EXPECT_TRUE(text.ends_with("Found " + std::to_string(rest) +
                               " invalid bytes at the end of 00000000000000000000.log\n"))
        << text;
}

TEST(DumpLog, tells_gaps_between_offsets) {
    Dump d;
    const std::string file = d.folder.write(segment, joined(two_records(), two_records(Offset{5})));
    d.run({"--files", file, "--deep-iteration"});
    EXPECT_EQ(d.err_text, "Non-consecutive offsets in " + file + "\n  1 is followed by 5\n");
}

TEST(DumpLog, a_batch_of_an_impossible_size_ends_it_with_an_exception) {
    Dump d;
    Bytes bytes = two_records();
    store_big_endian<int32_t>(bytes.data() + record::field::batch_length, 3);
    d.run({"--files", d.folder.write(segment, bytes)});
    EXPECT_TRUE(d.err_text.starts_with(
        "Exception in thread \"main\" org.apache.kafka.common.errors.CorruptRecordException: Found "
        "record size 3 smaller than minimum record overhead (14) in file "))
        << d.err_text;
}

TEST(DumpLog, checks_an_offset_index_against_its_log) {
    Dump d;
    const Bytes batch = two_records();
    d.folder.write(segment, joined(batch, two_records(Offset{2})));
    Bytes index(16);
    store_big_endian<int32_t>(index.data(), 1);
    store_big_endian<int32_t>(index.data() + 8, 2);
    store_big_endian<int32_t>(index.data() + 12, static_cast<int32_t>(batch.size()));
    const std::string file = d.folder.write("00000000000000000000.index", index);
    EXPECT_EQ(d.run({"--files", file}),
              "offset: 1 position: 0\noffset: 2 position: " + std::to_string(batch.size()) + "\n");
    EXPECT_EQ(d.err_text, "Mismatches in :" + file + "\n  Index offset: 2, log offset: 3\n");
    EXPECT_EQ(d.run({"--files", file, "--index-sanity-check"}), file + " passed sanity check.\n");
}

TEST(DumpLog, a_file_of_an_unknown_kind_is_passed_over) {
    Dump d;
    const std::string file = d.folder.write("x.txt", "");
    EXPECT_EQ(d.run({"--files", file}), "");
    EXPECT_EQ(d.err_text, "Ignoring unknown file " + file + "\n");
}

TEST(DumpLog, a_name_that_is_no_offset_is_an_exception) {
    Dump d;
    d.run({"--files", "no-such-file.log"});
    EXPECT_EQ(d.err_text,
              "Exception in thread \"main\" java.lang.NumberFormatException: "
              "For input string: \"no-such-file\"\n");
}

TEST(StoredRecords, offsets_are_json_with_type_and_version) {
    const Bytes key = protocol::encode_key(
        protocol::OffsetCommitKey{.group = "g", .topic = "t", .partition = PartitionId{2}});
    const Bytes value = protocol::encode_value(
        protocol::OffsetCommitValue{
            .offset = Offset{10}, .leader_epoch = LeaderEpoch{0}, .commit_timestamp = 5},
        3);
    const StoredText text = group_record_text(0, key, value);
    EXPECT_EQ(text.key, R"({"type":"1","data":{"group":"g","topic":"t","partition":2}})");
    EXPECT_EQ(text.value, R"({"version":"3","data":{"offset":10,"leaderEpoch":0,"metadata":"",)"
                          R"("commitTimestamp":5}})");
    EXPECT_EQ(group_record_text(0, key, std::nullopt).value, "<DELETE>");
}

TEST(StoredRecords, what_is_no_record_is_told_and_passed_over) {
    EXPECT_EQ(group_record_text(4, protocol::int16_prefix(99), std::nullopt).key,
              "Unknown record type 99 at offset 4, skipping.");
    EXPECT_TRUE(group_record_text(4, bytes_of("x"), std::nullopt)
                    .key->starts_with("Error at offset 4, skipping. "));
    EXPECT_TRUE(metadata_record_text(4, bytes_of("")).value->starts_with("Error at 4, skipping. "));
}

TEST(DumpLog, prints_the_aborted_transactions_of_a_segment_as_apache_kafka_does) {
    Dump d;
    // Apache Kafka's own bytes, and what its tool prints of them.
    const std::string file = d.folder.write(
        "00000000000000000100.txnindex",
        from_hex("00000000000000000005000000000000005a00000000000000780000000000000079"
                 "000000000000ee6b2801000000000000006e0000000000000082000000000000007d"));
    EXPECT_EQ(d.run({"--files", file}),
              "version: 0 producerId: 5 firstOffset: 90 lastOffset: 120 lastStableOffset: 121\n"
              "version: 0 producerId: 4000000001 firstOffset: 110 lastOffset: 130 "
              "lastStableOffset: 125\n");
}

TEST(StoredRecords, members_of_consumer_groups_are_decoded_and_others_are_base64) {
    protocol::GroupMetadataValue group{.protocol_type = "connect"};
    group.members.push_back({.member_id = "m", .subscription = to_bytes("ab")});
    const Bytes key = protocol::encode_key(protocol::GroupMetadataKey{.group = "g"});
    const StoredText text = group_record_text(0, key, protocol::encode_value(group, 3));
    EXPECT_NE(text.value->find(R"("subscription":"YWI=","assignment":"")"), std::string::npos)
        << *text.value;
}

TEST(StoredRecords, metadata_records_have_the_names_of_their_types) {
    const Bytes record = protocol::encode_metadata_record(
        protocol::FeatureLevelRecord{.name = "group.version", .feature_level = 1}, 0);
    EXPECT_EQ(metadata_record_text(0, record).value,
              R"({"type":"FEATURE_LEVEL_RECORD","version":0,)"
              R"("data":{"name":"group.version","featureLevel":1}})");
}

TEST(StoredRecords, control_records_tell_what_they_are) {
    const Bytes marker = joined(protocol::int16_prefix(0),
                                Bytes{std::byte{}, std::byte{}, std::byte{}, std::byte{4}});
    EXPECT_EQ(control_record_text(record::control_key(record::ControlType::commit), marker),
              " endTxnMarker: COMMIT coordinatorEpoch: 4");
    EXPECT_EQ(control_record_text(record::control_key(record::ControlType(77)), {}),
              " controlType: UNKNOWN(77)");
    EXPECT_TRUE(control_record_text(bytes_of("x"), {}).starts_with(" (malformed: "));
}

}  // namespace
}  // namespace stoker::cli
