#include "broker/config/config_value.hpp"

#include <gtest/gtest.h>

#include "broker/config/broker_configs.hpp"
#include "broker/config/group_configs.hpp"
#include "broker/config/topic_configs.hpp"

namespace stoker::broker {
namespace {

std::string read(const ConfigTable& table, std::string_view name, std::string_view text) {
    auto value = canonical_value(*table.find(name), text);
    return value ? *value : "refused: " + value.error();
}
std::string topic(std::string_view name, std::string_view text) {
    return read(topic_configs(), name, text);
}
std::string broker(std::string_view name, std::string_view text) {
    return read(broker_configs(), name, text);
}

TEST(ConfigValue, is_shown_in_one_form_however_it_was_written) {
    EXPECT_EQ(topic("retention.ms", " +5 "), "5");
    EXPECT_EQ(topic("preallocate", " TRUE"), "true");
    EXPECT_EQ(topic("compression.type", "gzip "), "gzip");
    EXPECT_EQ(topic("min.cleanable.dirty.ratio", "1e-5"), "1.0E-5");
    EXPECT_EQ(topic("cleanup.policy", " delete , compact "), "delete,compact");
}

TEST(ConfigValue, that_is_no_number_of_its_type_is_refused_in_kafkas_words) {
    std::string refused = "refused: Invalid value ";
    EXPECT_EQ(topic("retention.ms", "xyz"),
              refused + "xyz for configuration retention.ms: Not a number of type LONG");
    EXPECT_EQ(topic("retention.ms", " 5x"),
              refused + " 5x for configuration retention.ms: Not a number of type LONG");
    EXPECT_EQ(topic("segment.bytes", "2147483648"),
              refused + "2147483648 for configuration segment.bytes: Not a number of type INT");
    EXPECT_EQ(broker("offsets.topic.replication.factor", "32768"),
              refused + "32768 for configuration offsets.topic.replication.factor: "
                        "Not a number of type SHORT");
    EXPECT_EQ(topic("min.cleanable.dirty.ratio", "half"),
              refused + "half for configuration min.cleanable.dirty.ratio: "
                        "Not a number of type DOUBLE");
    EXPECT_EQ(topic("preallocate", "maybe"),
              refused + "maybe for configuration preallocate: "
                        "Expected value to be either true or false");
    for (std::string_view text : {"", "+-5", "5L", "0x10", "1_000", "9223372036854775808"})
        EXPECT_TRUE(topic("retention.ms", text).starts_with("refused")) << text;
}

TEST(ConfigValue, outside_its_range_is_refused_with_the_bound) {
    std::string refused = "refused: Invalid value ";
    EXPECT_EQ(topic("retention.ms", "-1"), "-1");
    EXPECT_EQ(topic("retention.ms", "-2"),
              refused + "-2 for configuration retention.ms: Value must be at least -1");
    EXPECT_EQ(topic("compression.lz4.level", "18"),
              refused + "18 for configuration compression.lz4.level: "
                        "Value must be no more than 17");
    EXPECT_EQ(topic("min.cleanable.dirty.ratio", "1.5"),
              refused + "1.5 for configuration min.cleanable.dirty.ratio: "
                        "Value must be no more than 1");
    EXPECT_EQ(topic("compression.gzip.level", "0"),
              refused + "0 for configuration compression.gzip.level: "
                        "Value must be between 1 and 9 or equal to -1");
}

TEST(ConfigValue, that_is_none_of_the_permitted_words_is_refused_with_them) {
    EXPECT_EQ(topic("compression.type", "GZIP"),
              "refused: Invalid value GZIP for configuration compression.type: String must be one "
              "of: uncompressed, zstd, lz4, snappy, gzip, producer");
    EXPECT_EQ(broker("group.consumer.migration.policy", "upGrade"), "upGrade");
    EXPECT_EQ(broker("group.consumer.migration.policy", "sideways"),
              "refused: Invalid value sideways for configuration group.consumer.migration.policy: "
              "String must be one of (case insensitive): DISABLED, DOWNGRADE, UPGRADE, "
              "BIDIRECTIONAL");
}

TEST(ConfigValue, of_a_list_has_no_empty_words_and_no_duplicates) {
    EXPECT_EQ(topic("cleanup.policy", "compact,compact"), "compact");
    EXPECT_EQ(topic("cleanup.policy", ""), "");
    EXPECT_EQ(topic("cleanup.policy", "compact,,delete"),
              "refused: Configuration 'cleanup.policy' values must not be empty.");
    EXPECT_EQ(topic("cleanup.policy", "shred"),
              "refused: Invalid value shred for configuration cleanup.policy: "
              "String must be one of: compact, delete");
    EXPECT_EQ(broker("log.dirs", " "),
              "refused: Configuration 'log.dirs' must not be empty. "
              "Valid values include: any non-empty value");
}

TEST(ConfigValue, of_throttled_replicas_is_a_star_or_pairs) {
    std::string name = "leader.replication.throttled.replicas";
    for (std::string_view fine : {"", "*", "0:1", "0:1,0:1", "0:1,"})
        EXPECT_EQ(topic(name, fine), fine);
    for (std::string_view wrong : {"none", "0:", "*,0:1", "-1:1"})
        EXPECT_TRUE(topic(name, wrong).starts_with("refused: Invalid value [")) << wrong;
}

TEST(ConfigValue, of_an_offset_reset_may_be_a_duration) {
    auto reset = [](std::string_view text) {
        return canonical_value(*group_resource_configs().find("share.auto.offset.reset"), text)
            .has_value();
    };
    for (std::string_view fine : {"latest", "earliest", "by_duration:PT1H", "by_duration:P1D",
                                  "by_duration:P1DT2H3M4.5S", "by_duration:pt0s"})
        EXPECT_TRUE(reset(fine)) << fine;
    for (std::string_view wrong : {"", "Latest", "by_duration:", "by_duration:P", "by_duration:PT",
                                   "by_duration:-PT1H", "by_duration:PT1H1", "by_duration:P1W"})
        EXPECT_FALSE(reset(wrong)) << wrong;
}

TEST(ConfigValue, of_a_quorum_is_checked_though_nobody_joins_it) {
    EXPECT_EQ(broker("controller.quorum.voters", "1@[::1]:9093"), "1@[::1]:9093");
    EXPECT_EQ(broker("controller.quorum.voters", "1@host:99999"),
              "refused: port out of range:99999");
    EXPECT_TRUE(broker("controller.quorum.voters", "host:9093").starts_with("refused"));
    EXPECT_TRUE(broker("controller.quorum.bootstrap.servers", "host").starts_with("refused"));
}

TEST(ConfigValue, writes_real_numbers_as_java_does) {
    EXPECT_EQ(to_text(0), "0.0");
    EXPECT_EQ(to_text(-0.5), "-0.5");
    EXPECT_EQ(to_text(0.001), "0.001");
    EXPECT_EQ(to_text(0.0001), "1.0E-4");
    EXPECT_EQ(to_text(123456.789), "123456.789");
    EXPECT_EQ(to_text(9999999), "9999999.0");
    EXPECT_EQ(to_text(1e7), "1.0E7");
    EXPECT_EQ(to_text(1.7976931348623157e308), "1.7976931348623157E308");
}

TEST(ConfigValue, reads_real_numbers_as_java_does) {
    EXPECT_EQ(parse_real(".5"), 0.5);
    EXPECT_EQ(parse_real("5.d"), 5);
    EXPECT_EQ(to_text(*parse_real("NaN")), "NaN");
    EXPECT_EQ(to_text(*parse_real("-Infinity")), "-Infinity");
    EXPECT_EQ(to_text(*parse_real("1e400")), "Infinity");
    EXPECT_EQ(to_text(*parse_real("-1e-400")), "-0.0");
    for (std::string_view wrong : {"", "inf", "--5", "e5", "1e", "."})
        EXPECT_FALSE(parse_real(wrong)) << wrong;
}

}  // namespace
}  // namespace stoker::broker
