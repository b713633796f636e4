// Against Apache Kafka's own classes: tests/golden/records/batches.txt holds batches that its
// MemoryRecordsBuilder wrote, and what its reader finds in them.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/crc32c.hpp"
#include "record/batch.hpp"
#include "record/builder.hpp"

namespace stoker::record {
namespace {

constexpr size_t unlimited = 1 << 24;

struct GoldenBatch {
    std::string name;
    Bytes bytes;
    std::string header;
    std::vector<std::string> records;
};

std::vector<GoldenBatch> read_golden() {
    std::ifstream file(STOKER_SOURCE_DIR "/tests/golden/records/batches.txt");
    std::vector<GoldenBatch> batches;
    for (std::string line; std::getline(file, line);) {
        size_t space = line.find(' ');
        std::string kind = line.substr(0, space);
        std::string rest = line.substr(space + 1);
        if (kind == "batch") batches.push_back({.name = rest});
        if (kind == "bytes") batches.back().bytes = from_hex(rest);
        if (kind == "header") batches.back().header = rest;
        if (kind == "record") batches.back().records.push_back(rest);
    }
    return batches;
}

/// As MakeRecordGolden.java prints bytes.
std::string print(std::optional<ByteView> bytes) {
    if (!bytes) return "null";
    if (bytes->size() <= 256) return "x" + hex(*bytes);
    return "#" + std::to_string(bytes->size()) + ":" + std::to_string(crc32c(*bytes));
}

std::string print(const RecordView& record) {
    std::string headers;
    for (const HeaderView& header : record.headers)
        headers += (headers.empty() ? "" : ",") + print(bytes_of(header.key)) + ":" +
                   print(header.value);
    std::ostringstream line;
    line << raw(record.offset) << ' ' << record.timestamp << ' ' << print(record.key) << ' '
         << print(record.value) << ' ' << (headers.empty() ? "none" : headers);
    return line.str();
}

std::vector<std::string> print_records(const BatchView& batch) {
    std::vector<std::string> lines;
    auto count = for_each_record(batch, unlimited, [&](const RecordView& record) {
        lines.push_back(print(record));
    });
    EXPECT_TRUE(count.has_value());
    return lines;
}

std::string print(const BatchView& batch) {
    const BatchHeader& h = batch.header;
    std::ostringstream line;
    line << std::boolalpha << raw(h.base_offset) << ' ' << raw(h.last_offset()) << ' ' << h.size()
         << ' ' << raw(h.leader_epoch) << ' ' << int(h.codec()) << ' ' << h.is_log_append_time()
         << ' ' << h.is_transactional() << ' ' << h.is_control() << ' ' << h.base_timestamp << ' '
         << h.max_timestamp << ' ' << raw(h.producer_id) << ' ' << h.producer_epoch << ' '
         << h.base_sequence << ' ' << h.last_sequence() << ' ' << h.record_count << ' '
         << h.has_delete_horizon() << ' '
         << raw(max_timestamp_record(batch, unlimited).value().offset);
    return line.str();
}

BatchBuilder::Options options_of(const BatchHeader& header) {
    return {
        .base_offset = header.base_offset,
        .codec = header.codec(),
        .producer_id = header.producer_id,
        .producer_epoch = header.producer_epoch,
        .base_sequence = header.base_sequence,
        .transactional = header.is_transactional(),
        .control = header.is_control(),
        .log_append_time = header.is_log_append_time(),
        .append_time_ms = header.max_timestamp,
        .leader_epoch = header.leader_epoch,
    };
}

/// The same records put in by our builder. With log append time a reader no longer sees a record's
/// own timestamp, so the batch is read as if it were of create time.
Bytes rebuild(BatchView batch) {
    BatchBuilder builder(options_of(batch.header));
    batch.header.attributes &= int16_t(~log_append_time_bit);
    auto count = for_each_record(batch, unlimited, [&](const RecordView& record) {
        std::vector<Header> headers;
        for (const HeaderView& header : record.headers) headers.push_back(header);
        builder.append(record.timestamp, record.key, record.value, headers);
    });
    EXPECT_TRUE(count.has_value());
    return std::move(builder).build();
}

BatchView view(const Bytes& bytes) { return {parse_header(bytes).value(), bytes}; }

/// What our builder does not make: batches that compaction left behind.
bool is_compacted(const BatchHeader& header) {
    return header.record_count != header.last_offset_delta + 1 || header.has_delete_horizon();
}

TEST(ApacheKafkaBatches, are_all_there) { EXPECT_EQ(read_golden().size(), 40u); }

TEST(ApacheKafkaBatches, are_valid_and_their_headers_say_what_kafka_reads) {
    for (const GoldenBatch& golden : read_golden()) {
        SCOPED_TRACE(golden.name);
        ASSERT_TRUE(validate(golden.bytes, Origin::log).has_value());
        EXPECT_EQ(print(view(golden.bytes)), golden.header);
    }
}

TEST(ApacheKafkaBatches, hold_the_records_that_kafka_reads) {
    for (const GoldenBatch& golden : read_golden()) {
        SCOPED_TRACE(golden.name);
        EXPECT_EQ(print_records(view(golden.bytes)), golden.records);
    }
}

TEST(ApacheKafkaBatches, come_out_of_our_builder_byte_for_byte_when_uncompressed) {
    int compared = 0;
    for (const GoldenBatch& golden : read_golden()) {
        SCOPED_TRACE(golden.name);
        BatchView batch = view(golden.bytes);
        if (batch.header.codec() != Codec::none || is_compacted(batch.header)) continue;
        EXPECT_EQ(hex(rebuild(batch)), hex(golden.bytes));
        ++compared;
    }
    EXPECT_EQ(compared, 21);
}

TEST(ApacheKafkaBatches, keep_their_records_when_our_builder_compresses_them) {
    for (const GoldenBatch& golden : read_golden()) {
        SCOPED_TRACE(golden.name);
        BatchView batch = view(golden.bytes);
        if (batch.header.codec() == Codec::none || is_compacted(batch.header)) continue;
        Bytes rebuilt = rebuild(batch);
        ASSERT_TRUE(validate(rebuilt, Origin::log).has_value());
        EXPECT_EQ(print_records(view(rebuilt)), golden.records);
    }
}

TEST(ApacheKafkaBatches, fail_as_a_clients_where_only_a_log_has_them) {
    int refused = 0;
    for (const GoldenBatch& golden : read_golden()) {
        SCOPED_TRACE(golden.name);
        BatchHeader header = parse_header(golden.bytes).value();
        bool from_client = header.base_offset == Offset{0} && !header.is_control() &&
                           !is_compacted(header);
        EXPECT_EQ(validate(golden.bytes, Origin::client).has_value(), from_client);
        refused += from_client ? 0 : 1;
    }
    EXPECT_EQ(refused, 12);
}

TEST(EndTransactionMarker, is_apache_kafkas_byte_for_byte) {
    EndTransactionMarker marker{
        .base_offset = Offset{12},
        .timestamp_ms = 1'700'000'000'000,
        .leader_epoch = LeaderEpoch{5},
        .producer_id = ProducerId{4711},
        .producer_epoch = 3,
        .commit = true,
        .coordinator_epoch = 9,
    };
    for (const GoldenBatch& golden : read_golden()) {
        if (golden.name != "commit" && golden.name != "abort") continue;
        marker.commit = golden.name == "commit";
        marker.base_offset = view(golden.bytes).header.base_offset;
        EXPECT_EQ(hex(build_batch(marker)), hex(golden.bytes));
    }
}

}  // namespace
}  // namespace stoker::record
