// The rules of the codec, on small messages of our own and on those where clients were hurt.
#include "protocol/codec.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/01_fetch.hpp"
#include "protocol/messages/03_metadata.hpp"
#include "protocol/messages/09_offset_fetch.hpp"
#include "protocol/messages/12_heartbeat.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "protocol/messages/44_incremental_alter_configs.hpp"
#include "protocol/testing.hpp"

namespace stoker::protocol {

struct Sample {
    static constexpr Api api{.key = 1000, .name = "Sample", .versions = {0, 5}, .flexible = 2};

    struct Inner {
        double ratio = 0;
        uint16_t port = 0;

        using Self = Inner;
        static constexpr auto fields = Fields{
            field<&Self::ratio>,
            field<&Self::port>};
        bool operator==(const Inner&) const = default;
    };

    std::optional<std::string> name = "";
    std::optional<Inner> inner;
    std::optional<Bytes> blob;
    int32_t weight = 7;
    int32_t hint = 0;
    int8_t late_tag = 0;
    int8_t early_tag = 0;
    std::optional<Inner> tagged_inner = Inner{};

    using Self = Sample;
    static constexpr auto fields = Fields{
        field<&Self::name, nullable_since(3)>,
        field<&Self::inner, since(1)>,
        field<&Self::blob, since(1)>,
        field<&Self::weight, since(4)>,
        field<&Self::hint, ignorable(since(4))>,
        field<&Self::late_tag, tagged(5, since(2))>,
        field<&Self::early_tag, tagged(1, since(2))>,
        field<&Self::tagged_inner, tagged(3, since(2))>};
    bool operator==(const Sample&) const = default;
};

namespace {

std::string hex_of(const Message auto& message, int16_t version) {
    return hex(encode(message, version));
}

Sample decode_sample(std::string_view digits, int16_t version) {
    return decode<Sample>(from_hex(digits), version);
}

TEST(Codec, null_is_refused_before_the_version_that_allows_it) {
    Sample sample{.name = std::nullopt};
    EXPECT_THROW(encode(sample, 2), CannotEncode);
    EXPECT_EQ(hex_of(sample, 3), "00ff0000");
    EXPECT_THROW(decode_sample("00ff0000", 2), MalformedMessage);
    EXPECT_EQ(decode_sample("00ff0000", 3), sample);
}

TEST(Codec, a_member_that_matters_refuses_to_be_left_out) {
    EXPECT_EQ(hex_of(Sample{}, 0), "0000");
    EXPECT_THROW(encode(Sample{.weight = 8}, 0), CannotEncode);
    EXPECT_THROW(encode(Sample{.blob = Bytes{}}, 0), CannotEncode);
}

TEST(Codec, an_ignorable_member_is_left_out_in_silence) {
    EXPECT_EQ(hex_of(Sample{.hint = 8}, 0), "0000");
}

TEST(Codec, optional_structs_and_bytes_travel_with_their_marks) {
    Sample sample{.inner = Sample::Inner{.ratio = 0.5, .port = 65535}, .blob = Bytes(1)};
    EXPECT_EQ(hex_of(sample, 1), "0000" "01" "3fe0000000000000" "ffff" "00000001" "00");
    EXPECT_EQ(decode<Sample>(encode(sample, 1), 1), sample);
    EXPECT_EQ(hex_of(Sample{}, 1), "0000" "ff" "ffffffff");
}

TEST(Codec, tags_are_written_in_ascending_order_whatever_the_declaration_says) {
    EXPECT_EQ(hex_of(Sample{.late_tag = 3, .early_tag = 2}, 2), "01ff00" "02" "010102" "050103");
}

TEST(Codec, a_tag_at_its_default_is_not_written) {
    EXPECT_EQ(hex_of(Sample{.early_tag = 0}, 2), "01ff00" "00");
}

TEST(Codec, a_tagged_struct_that_may_be_null_is_marked_by_a_varint) {
    Sample sample{.tagged_inner = Sample::Inner{.ratio = 0.5, .port = 65535}};
    EXPECT_EQ(hex_of(sample, 2), "01ff00" "01" "030c" "01" "3fe0000000000000" "ffff" "00");
    EXPECT_EQ(decode<Sample>(encode(sample, 2), 2), sample);
    Sample null{.tagged_inner = std::nullopt};
    EXPECT_EQ(hex_of(null, 2), "01ff00" "01" "0301" "00");
    EXPECT_EQ(decode<Sample>(encode(null, 2), 2), null);
}

TEST(Codec, an_unknown_tag_is_skipped) {
    EXPECT_EQ(decode_sample("01ff00" "02" "010102" "0703aabbcc", 2), Sample{.early_tag = 2});
}

TEST(Codec, tags_that_descend_repeat_or_do_not_fit_are_malformed) {
    for (auto tags : {"02" "050103" "010102", "02" "010102" "010102", "01" "01020200", "01" "0100",
                      "ffffffff0f" "010102", "01" "01ff"}) {
        EXPECT_THROW(decode_sample(std::string("01ff00") + tags, 2), MalformedMessage) << tags;
    }
}

TEST(Codec, bytes_after_the_message_are_malformed) {
    EXPECT_THROW(decode_sample("000000", 0), MalformedMessage);
}

TEST(Codec, a_string_that_is_not_utf8_is_malformed) {
    EXPECT_THROW(decode_sample("0001ff", 0), MalformedMessage);
}

TEST(Codec, a_version_that_does_not_exist_is_neither_encoded_nor_decoded) {
    for (auto version : {int16_t(-1), int16_t(6)}) {
        EXPECT_THROW(encode(Sample{}, version), CannotEncode);
        EXPECT_THROW(decode_sample("0000", version), MalformedMessage);
    }
}

TEST(Codec, a_failure_names_message_version_and_field) {
    try {
        decode<HeartbeatRequest>(from_hex("000167000000010005"), 2);
        FAIL() << "decoded a string that is not there";
    } catch (const MalformedMessage& error) {
        EXPECT_STREQ(error.what(),
                     "Heartbeat version 2: member_id: a length beyond the end of the message");
    }
}

TEST(Codec, every_integer_keeps_its_extremes) {
    Sample sample{
        .weight = std::numeric_limits<int32_t>::min(), .late_tag = -128, .early_tag = 127};
    EXPECT_EQ(decode<Sample>(encode(sample, 5), 5), sample);
}

/// An OffsetFetchRequest version 1 with one topic of `count` partitions.
Bytes offset_fetch_of(size_t count) {
    OffsetFetchRequest request{.group_id = "g"};
    request.topics = {{.name = "t"}};
    request.topics->front().partition_indexes.resize(count);
    return encode(request, 1);
}

TEST(Codec, a_message_may_have_elements_max_array_elements_and_no_more) {
    constexpr size_t most = elements_max - 1;  // the topic is an element too
    auto request = decode<OffsetFetchRequest>(offset_fetch_of(most), 1);
    EXPECT_EQ(request.topics->front().partition_indexes.size(), most);
    EXPECT_THROW(decode<OffsetFetchRequest>(offset_fetch_of(most + 1), 1), MalformedMessage);
}

TEST(Codec, a_lying_count_buys_no_memory) {
    Bytes lie = from_hex("7fffffff");
    EXPECT_THROW(decode<MetadataRequest>(lie, 0), MalformedMessage);
    lie = from_hex("ffffffff07");
    EXPECT_THROW(decode<MetadataRequest>(lie, 9), MalformedMessage);
    EXPECT_THROW(decode_sample("01ff" "ffffffff07", 2), MalformedMessage);
}

TEST(Printing, is_one_line_with_the_names_of_the_members) {
    HeartbeatRequest request{.group_id = "a \"b\"\n", .generation_id = -3};
    EXPECT_EQ(print(request), R"({"group_id": "a \"b\"\u000a", "generation_id": -3, )"
                              R"("member_id": "", "group_instance_id": null})");
}

TEST(Printing, says_the_size_of_bytes_and_the_value_of_enums) {
    FetchResponse response{.error_code = ErrorCode::invalid_fetch_size};
    response.responses = {{.topic = "t", .partitions = {{.records = Records{.external_size = 9}}}}};
    EXPECT_NE(print(response).find(R"("error_code": 4)"), std::string::npos);
    EXPECT_NE(print(response).find(R"("records": "9 bytes")"), std::string::npos);
}

TEST(Printing, keeps_secrets) {
    IncrementalAlterConfigsRequest request;
    request.resources = {{.configs = {{.name = "ssl.key.password", .value = "swordfish"}}}};
    EXPECT_EQ(print(request).find("swordfish"), std::string::npos);
    EXPECT_NE(print(request).find(R"("value": "***")"), std::string::npos);
}

TEST(RecordsField, is_a_mutable_view_into_the_frame) {
    Bytes batch = to_bytes("batch");
    ProduceRequest request{.acks = 1};
    request.topic_data = {{.name = "t", .partition_data = {{.records = Records{.bytes = batch}}}}};
    Bytes frame = encode(request, 9);
    auto decoded = decode<ProduceRequest>(frame, 9);
    Records& records = *decoded.topic_data[0].partition_data[0].records;
    EXPECT_EQ(text_of(records.bytes), "batch");
    records.bytes[0] = std::byte{'B'};
    EXPECT_EQ(decode<ProduceRequest>(frame, 9), decoded);
    EXPECT_NE(decoded, request);
}

FetchResponse fetch_response(Records first, Records second) {
    FetchResponse response;
    response.responses = {{.topic = "t", .partitions = {{.records = first}, {.records = second}}}};
    return response;
}

TEST(RecordsField, external_bytes_are_counted_and_spliced_where_they_belong) {
    Bytes a = to_bytes("first batch"), b = to_bytes("second");
    for (auto version : {int16_t(11), int16_t(12)}) {
        Bytes whole = encode_response(5, fetch_response({.bytes = a}, {.bytes = b}), version).bytes;
        Encoded holes = encode_response(
            5, fetch_response({.external_size = a.size()}, {.external_size = b.size()}), version);
        ASSERT_EQ(holes.splices.size(), 2u);
        Bytes& filled = holes.bytes;
        auto at = [&](size_t i) { return filled.begin() + std::ptrdiff_t(holes.splices[i].at); };
        filled.insert(at(1), b.begin(), b.end());
        filled.insert(at(0), a.begin(), a.end());
        EXPECT_EQ(hex(filled), hex(whole));
    }
}

TEST(RecordsField, nothing_external_is_a_splice_too_and_null_is_none) {
    FetchResponse response = fetch_response({.external_size = 0}, {.external_size = 3});
    response.responses[0].partitions.push_back({.records = std::nullopt});
    Encoded encoded = encode_response(1, response, 12);
    ASSERT_EQ(encoded.splices.size(), 2u);
    EXPECT_EQ(encoded.splices[0].size, 0u);
    EXPECT_EQ(encoded.splices[1].size, 3u);
    EXPECT_THROW(encode(response, 12), CannotEncode);
}

TEST(Frames, a_request_is_size_header_body) {
    HeartbeatRequest request{.group_id = "g", .generation_id = 1, .member_id = "m"};
    Bytes frame = encode_request(7, "me", request, 4);
    EXPECT_EQ(hex(frame),
              "00000017" "000c" "0004" "00000007" "00026d65" "00"
              "0267" "00000001" "026d" "00" "00");
    RequestFrame read = read_request_header(MutableByteView(frame).subspan(4));
    EXPECT_EQ(read.header.request_api_key, 12);
    EXPECT_EQ(read.header.correlation_id, 7);
    EXPECT_EQ(read.header.client_id, "me");
    EXPECT_EQ(decode<HeartbeatRequest>(read.body, 4), request);
}

TEST(Frames, headers_are_apache_kafkas) {
    using testing::Messages;
    EXPECT_EQ((Messages<RequestHeader, ResponseHeader>::golden_problems()), "");
    EXPECT_EQ((Messages<RequestHeader, ResponseHeader>::truncation_problems()), "");
}

TEST(Frames, a_request_of_an_unknown_api_still_says_whom_to_answer) {
    Bytes frame = from_hex("7fff" "0003" "00000009" "ffff" "aabbcc");
    RequestFrame read = read_request_header(frame);
    EXPECT_EQ(read.header.request_api_key, 0x7fff);
    EXPECT_EQ(read.header.correlation_id, 9);
    EXPECT_EQ(read.header.client_id, std::nullopt);
    EXPECT_EQ(read.body.size(), 3u);
}

TEST(Frames, a_request_in_a_version_of_the_future_still_says_whom_to_answer) {
    Bytes frame = from_hex("0012" "0063" "00000009" "0001" "61" "00" "aabbcc");
    RequestFrame read = read_request_header(frame);
    EXPECT_EQ(read.header.request_api_version, 99);
    EXPECT_EQ(read.header.client_id, "a");
    EXPECT_EQ(read.body.size(), 3u);
}

TEST(Frames, a_header_cut_anywhere_is_malformed) {
    Bytes frame = from_hex("000c" "0004" "00000007" "00026d65" "00");
    for (size_t size = 0; size < frame.size(); ++size) {
        EXPECT_THROW(read_request_header(MutableByteView(frame).first(size)), MalformedMessage);
    }
    EXPECT_EQ(read_request_header(frame).body.size(), 0u);
}

TEST(Frames, a_response_comes_back_with_its_correlation_id) {
    HeartbeatResponse response{.throttle_time_ms = 3};
    for (auto version : {int16_t(3), int16_t(4)}) {
        Bytes frame = encode_response(77, response, version).bytes;
        auto read = read_response_header(MutableByteView(frame).subspan(4), HeartbeatRequest::api,
                                         version);
        EXPECT_EQ(read.correlation_id, 77);
        EXPECT_EQ(decode<HeartbeatResponse>(read.body, version), response);
    }
}

TEST(Traps, api_versions_answers_with_a_header_of_version_0) {
    EXPECT_EQ(hex(encode_response(2, ApiVersionsResponse{}, 3).bytes),
              "0000000c" "00000002" "0000" "01" "00000000" "00");
}

TEST(Traps, an_unknown_features_epoch_is_not_written) {
    ApiVersionsResponse response{.finalized_features_epoch = -1};
    EXPECT_EQ(hex_of(response, 3), hex_of(ApiVersionsResponse{}, 3));
    response.finalized_features_epoch = 0;
    EXPECT_EQ(hex_of(response, 3), "0000" "01" "00000000" "01" "01" "08" "0000000000000000");
}

TEST(Traps, a_current_leader_never_reaches_a_produce_client_of_version_9) {
    ProduceResponse response;
    response.responses = {{.name = "t", .partition_responses = {{.index = PartitionId{0}}}}};
    Bytes plain = encode(response, 9);
    response.responses[0].partition_responses[0].current_leader.leader_id = 1;
    EXPECT_THROW(encode(response, 9), CannotEncode);
    EXPECT_GT(encode(response, 10).size(), plain.size());
}

TEST(Traps, the_client_id_is_never_compact) {
    EXPECT_EQ(hex_of(RequestHeader{.client_id = "me"}, 2),
              "0000" "0000" "00000000" "0002" "6d65" "00");
}

}  // namespace
}  // namespace stoker::protocol
