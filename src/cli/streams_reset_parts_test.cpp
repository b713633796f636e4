#include "cli/streams_reset_parts.hpp"

#include <gtest/gtest.h>

namespace stoker::cli {
namespace {

TEST(StreamsInternalTopic, is_told_by_the_ends_that_streams_gives_its_topics) {
    for (const char* name :
         {"app-counts-changelog", "app-by-city-repartition", "app-x-subscription-response-topic",
          "app-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000014-topic",
          "app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-1-topic"}) {
        EXPECT_TRUE(is_streams_internal_topic(name)) << name;
    }
    for (const char* name :
         {"app-orders", "changelog", "app-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-topic",
          "-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-1-topic"}) {
        EXPECT_FALSE(is_streams_internal_topic(name)) << name;
    }
}

std::string refusal_of(const std::string& csv) {
    try {
        parse_reset_plan(csv);
    } catch (const kafka::KafkaException& thrown) {
        return thrown.failure().to_string();
    }
    return "none";
}

TEST(ResetPlan, has_a_topic_a_partition_and_an_offset_a_line) {
    EXPECT_EQ(parse_reset_plan("t,0,7\nt,0,8\n"), (OffsetPlan{{{"t", 0}, 8}}));
    EXPECT_EQ(refusal_of(""),
              "java.text.ParseException: Error parsing reset plan CSV file. It is empty,");
    EXPECT_EQ(refusal_of("t,0"),
              "java.text.ParseException: Reset plan CSV file is not following the format "
              "`TOPIC,PARTITION,OFFSET`.");
    EXPECT_EQ(refusal_of("t,x,1"), "java.lang.NumberFormatException: For input string: \"x\"");
}

TEST(MemberText, is_that_of_javas_description) {
    kafka::MemberDescription member{.id = "m", .client_id = "c", .host = "/127.0.0.1"};
    member.assignment = {{"t", 0}};
    EXPECT_EQ(member_text(member, false),
              "(memberId=m, groupInstanceId=null, rackId=null, clientId=c, host=/127.0.0.1, "
              "assignment=(topicPartitions=t-0), targetAssignment=Optional.empty, "
              "memberEpoch=null, upgraded=null)");
    member.instance_id = "i";
    member.epoch = 3;
    member.upgraded = true;
    EXPECT_EQ(member_text(member, true),
              "(memberId=m, groupInstanceId=i, rackId=null, clientId=c, host=/127.0.0.1, "
              "assignment=(topicPartitions=t-0), targetAssignment=Optional[(topicPartitions=)], "
              "memberEpoch=3, upgraded=true)");
}

}  // namespace
}  // namespace stoker::cli
