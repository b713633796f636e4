#include "broker/group/consumer/topic_regex.hpp"

#include "broker/group/consumer/consumer_fixture.hpp"

namespace stoker::broker {
namespace {

TEST(TopicRegex, matches_whole_names) {
    const auto topics = topics_of(1, {{"orders", 1}, {"orders-eu", 1}, {"my-orders", 1}});
    EXPECT_EQ(matching_topics("orders", *topics), (std::set<std::string>{"orders"}));
    EXPECT_EQ(matching_topics("orders.*", *topics),
              (std::set<std::string>{"orders", "orders-eu"}));
    EXPECT_EQ(matching_topics("(?i)ORDERS", *topics), (std::set<std::string>{"orders"}));
    EXPECT_EQ(matching_topics("(?<name>orders)", *topics), (std::set<std::string>{"orders"}));
    EXPECT_TRUE(matching_topics("[", *topics).empty());
}

TEST(TopicRegex, errors_are_described_as_apache_kafka_does) {
    EXPECT_EQ(regex_error("orders.*|x[0-9]+"), std::nullopt);
    EXPECT_EQ(regex_error("["), "missing closing ]");
    EXPECT_EQ(regex_error("("), "missing closing )");
    EXPECT_EQ(regex_error("*"), "missing argument to repetition operator");
    EXPECT_EQ(regex_error("a**"), "invalid nested repetition operator");
    EXPECT_EQ(regex_error("a{1001}"), "invalid repeat count");
    EXPECT_EQ(regex_error("\\8"), "invalid escape sequence");
    EXPECT_EQ(regex_error("[z-a]"), "invalid character class range");
    EXPECT_EQ(regex_error("(?=a)"), "invalid or unsupported Perl syntax");
    EXPECT_EQ(regex_error("\\"), "trailing backslash at end of expression");
}

TEST(TopicRegex, an_expression_that_would_take_much_memory_is_refused) {
    EXPECT_NE(regex_error("((a{100}){100}){100}"), std::nullopt);
}

}  // namespace
}  // namespace stoker::broker
