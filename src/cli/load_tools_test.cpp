// The pure parts of the load tools: throttle, statistics, payloads, dates, deserializers, JSON.
#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "cli/deserializer.hpp"
#include "cli/jackson_text.hpp"
#include "cli/producer_perf_options.hpp"
#include "cli/producer_perf_stats.hpp"
#include "cli/simple_date_format.hpp"
#include "cli/test_streams.hpp"
#include "cli/throttle.hpp"

namespace stoker::cli {
namespace {

TEST(Throttle, sleeps_only_when_it_is_ahead_and_in_steps_of_two_milliseconds) {
    constexpr int64_t start_ns = 7'000'000'000, ms = 1'000'000;
    const Throttle throttle(1000, start_ns);
    EXPECT_EQ(throttle.pause_ns(0, start_ns), 0);
    EXPECT_EQ(throttle.pause_ns(1, start_ns), 0);
    EXPECT_EQ(throttle.pause_ns(5, start_ns + 10 * ms), 0);
    EXPECT_EQ(throttle.pause_ns(11, start_ns + 10 * ms), 0);
    EXPECT_EQ(throttle.pause_ns(12, start_ns + 10 * ms), 2 * ms);
}

TEST(Throttle, holds_back_a_burst_within_the_first_millisecond) {
    EXPECT_EQ(Throttle(1000, 0).pause_ns(3'000, 10), 2'999'999'990);
}

TEST(Throttle, minus_one_never_and_zero_for_ever) {
    EXPECT_EQ(Throttle(-1, 0).pause_ns(1'000'000, 1), 0);
    EXPECT_EQ(Throttle(0, 0).pause_ns(1, 1), INT64_MAX);
}

using Phase = ProducerPerfStats::Phase;

TEST(ProducerPerfStats, prints_a_line_each_interval_and_a_total_as_upstream) {
    TestStreams streams;
    ProducerPerfStats stats(4, 1000, Phase::whole, streams.clock, streams.out);
    streams.clock.advance_ms(1000);
    const int64_t now_ms = streams.clock.wall_ms();
    stats.record(10, 1'048'576, now_ms - 1);
    stats.record(25, 1'048'576, now_ms);
    EXPECT_EQ(streams.out_text,
              "2 records sent, 2.0 records/sec (2.00 MB/sec), 17.5 ms avg latency, 25.0 ms max "
              "latency.\n");
    streams.out_text.clear();
    streams.clock.advance_ms(1000);
    stats.print_total();
    EXPECT_EQ(streams.out_text,
              "2 records sent, 1.000000 records/sec (1.00 MB/sec), 17.50 ms avg latency, 25.00 ms "
              "max latency, 25 ms 50th, 25 ms 95th, 25 ms 99th, 25 ms 99.9th.\n");
}

TEST(ProducerPerfStats, nothing_sent_is_not_a_number) {
    TestStreams streams;
    ProducerPerfStats stats(2, 5000, Phase::whole, streams.clock, streams.out);
    streams.clock.advance_ms(10);
    stats.print_total();
    EXPECT_EQ(streams.out_text,
              "0 records sent, 0.000000 records/sec (0.00 MB/sec), NaN ms avg latency, 0.00 ms "
              "max latency, 0 ms 50th, 0 ms 95th, 0 ms 99th, 0 ms 99.9th.\n");
}

TEST(ProducerPerfStats, the_steady_state_announces_itself) {
    TestStreams streams;
    ProducerPerfStats stats(2, 10, Phase::steady_state, streams.clock, streams.out);
    streams.clock.advance_ms(10);
    stats.record(1, 1, streams.clock.wall_ms());
    EXPECT_TRUE(streams.out_text.starts_with("In steady state.\n1 records sent, "))
        << streams.out_text;
}

TEST(Payloads, are_split_as_a_scanner_does) {
    using Strings = std::vector<std::string>;
    EXPECT_EQ(split_payloads("a\nb\n", "\n"), (Strings{"a", "b"}));
    EXPECT_EQ(split_payloads("\na\n\nb", "\n"), (Strings{"a", "", "b"}));
    EXPECT_EQ(split_payloads("a--b", "--"), (Strings{"a", "b"}));
}

TEST(SimpleDateFormat, writes_local_time_in_the_given_widths) {
    ::setenv("TZ", "UTC", 1);
    ::tzset();
    constexpr int64_t time_ms = 1'577'934'245'007;  // 2020-01-02T03:04:05.007Z, a Thursday
    EXPECT_EQ(format_date("yyyy-MM-dd HH:mm:ss:SSS", time_ms), "2020-01-02 03:04:05:007");
    EXPECT_EQ(format_date("d.M.yy h a, EEE MMMM 'at''", time_ms), "2.1.20 3 AM, Thu January at");
    EXPECT_THROW(format_date("b", time_ms), kafka::KafkaException);
}

std::string deserialized(std::string_view name, std::string_view bytes) {
    const auto found =
        find_deserializer("org.apache.kafka.common.serialization." + std::string(name));
    return found ? (*found)(bytes_of(bytes)) : "none";
}

TEST(Deserializer, prints_what_java_does) {
    EXPECT_EQ(deserialized("StringDeserializer", "\xff"), "\xff");
    EXPECT_EQ(deserialized("ShortDeserializer", "\xff\xfe"), "-2");
    EXPECT_EQ(deserialized("FloatDeserializer", std::string_view("\x3f\x80\0\0", 4)), "1.0");
    EXPECT_EQ(deserialized("BooleanDeserializer", "\1"), "true");
    EXPECT_EQ(deserialized("BytesDeserializer", "a\\\n\xff"), "a\\x5C\\x0A\\xFF");
    EXPECT_EQ(deserialized("ByteBufferDeserializer", "ab"),
              "java.nio.HeapByteBuffer[pos=0 lim=2 cap=2]");
    EXPECT_EQ(deserialized("UUIDDeserializer", "1-2-3-4-5"),
              "00000001-0002-0003-0004-000000000005");
    EXPECT_THROW(deserialized("UUIDDeserializer", "1-2-3-4"), kafka::KafkaException);
    EXPECT_THROW(deserialized("VoidDeserializer", ""), kafka::KafkaException);
    EXPECT_EQ(deserialized("ListDeserializer", ""), "none");
}

TEST(JacksonText, escapes_only_what_must_be) {
    EXPECT_EQ(json_quoted("a\"\\\n\x01\x1f/é"), "\"a\\\"\\\\\\n\\u0001\\u001F/é\"");
    EXPECT_EQ(base64(bytes_of("abcd")), "YWJjZA==");
    JsonObject json;
    json.number("n", 1).text_or_null("t", std::nullopt).boolean("b", true);
    EXPECT_EQ(json.str(), R"({"n":1,"t":null,"b":true})");
}

}  // namespace
}  // namespace stoker::cli
