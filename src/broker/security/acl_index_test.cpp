#include "broker/security/acl_index.hpp"

#include <gtest/gtest.h>

#include <string>

namespace stoker::broker {
namespace {

using Decision = AclIndex::Decision;

Acl rule(std::string name, AclOperation operation, AclPermission permission,
         AclPattern pattern = AclPattern::literal, std::string principal = "User:ann",
         std::string host = "*") {
    return {.resource = AclResource::topic,
            .name = std::move(name),
            .pattern = pattern,
            .principal = std::move(principal),
            .host = std::move(host),
            .operation = operation,
            .permission = permission};
}

Decision ask(const AclIndex& index, std::string_view name, AclOperation operation,
             std::string_view principal = "User:ann", std::string_view host = "10.0.0.1") {
    return index
        .judge({.resource = AclResource::topic,
                .name = name,
                .operation = operation,
                .principal = principal,
                .host = host})
        .decision;
}

constexpr auto allow = AclPermission::allow;
constexpr auto deny = AclPermission::deny;
constexpr auto prefixed = AclPattern::prefixed;
constexpr auto literal = AclPattern::literal;

TEST(AclIndex, literal_prefixed_and_wildcard_patterns_match_as_they_say) {
    AclIndex index;
    index.add(rule("orders", AclOperation::read, allow));
    index.add(rule("pay", AclOperation::read, allow, prefixed));
    EXPECT_EQ(ask(index, "orders", AclOperation::read), Decision::allowed);
    EXPECT_EQ(ask(index, "orders2", AclOperation::read), Decision::no_acls);
    EXPECT_EQ(ask(index, "payments", AclOperation::read), Decision::allowed);
    EXPECT_EQ(ask(index, "pay", AclOperation::read), Decision::allowed);
    EXPECT_EQ(ask(index, "pa", AclOperation::read), Decision::no_acls);
    index.add(rule("*", AclOperation::write, allow));
    EXPECT_EQ(ask(index, "anything", AclOperation::write), Decision::allowed);
    EXPECT_EQ(ask(index, "anything", AclOperation::read), Decision::no_rule);
}

TEST(AclIndex, a_deny_counts_before_every_allow_whatever_their_patterns) {
    for (const Acl& denial : {rule("orders", AclOperation::write, deny),
                              rule("ord", AclOperation::write, deny, prefixed),
                              rule("*", AclOperation::all, deny),
                              rule("orders", AclOperation::write, deny, literal, "User:*")}) {
        AclIndex index;
        index.add(rule("orders", AclOperation::all, allow));
        index.add(rule("o", AclOperation::all, allow, prefixed));
        index.add(rule("*", AclOperation::all, allow));
        EXPECT_EQ(ask(index, "orders", AclOperation::write), Decision::allowed);
        index.add(denial);
        EXPECT_EQ(ask(index, "orders", AclOperation::write), Decision::denied)
            << to_string(denial);
        index.remove(denial);
        EXPECT_EQ(ask(index, "orders", AclOperation::write), Decision::allowed);
    }
}

TEST(AclIndex, an_allow_implies_describe_and_a_deny_does_not) {
    for (AclOperation operation : {AclOperation::read, AclOperation::write, AclOperation::remove,
                                   AclOperation::alter, AclOperation::describe}) {
        AclIndex index;
        index.add(rule("t", operation, allow));
        EXPECT_EQ(ask(index, "t", AclOperation::describe), Decision::allowed);
        index.remove(rule("t", operation, allow));
        index.add(rule("t", operation, deny));
        EXPECT_EQ(ask(index, "t", AclOperation::describe),
                  operation == AclOperation::describe ? Decision::denied : Decision::no_rule);
    }
    AclIndex index;
    index.add(rule("t", AclOperation::alter_configs, allow));
    EXPECT_EQ(ask(index, "t", AclOperation::describe_configs), Decision::allowed);
    EXPECT_EQ(ask(index, "t", AclOperation::describe), Decision::no_rule);
}

TEST(AclIndex, a_host_is_an_address_however_it_is_written) {
    AclIndex index;
    index.add(rule("t", AclOperation::read, allow, literal, "User:ann", "0:0:0:0:0:0:0:1"));
    index.add(rule("t", AclOperation::read, allow, literal, "User:ann", "192.168.0.7"));
    EXPECT_EQ(ask(index, "t", AclOperation::read, "User:ann", "::1"), Decision::allowed);
    EXPECT_EQ(ask(index, "t", AclOperation::read, "User:ann", "192.168.0.7"), Decision::allowed);
    EXPECT_EQ(ask(index, "t", AclOperation::read, "User:ann", "192.168.0.8"), Decision::no_rule);
    EXPECT_EQ(ask(index, "t", AclOperation::read, "User:bob", "::1"), Decision::no_rule);
}

TEST(AclIndex, of_several_rules_of_one_content_each_is_removed_for_itself) {
    AclIndex index;
    index.add(rule("t", AclOperation::read, allow));
    index.add(rule("t", AclOperation::read, allow));
    index.remove(rule("t", AclOperation::read, allow));
    EXPECT_EQ(ask(index, "t", AclOperation::read), Decision::allowed);
    index.remove(rule("t", AclOperation::read, allow));
    EXPECT_EQ(ask(index, "t", AclOperation::read), Decision::no_acls);
    EXPECT_EQ(index.size(), 0u);
}

TEST(AclIndex, ten_thousand_rules_leave_a_decision_with_those_that_concern_it) {
    AclIndex index;
    for (int i = 0; i < 4'000; ++i) {
        std::string number = std::to_string(i);
        index.add(rule("topic-" + number, AclOperation::write, allow, literal, "User:u" + number));
        index.add(rule("shared", AclOperation::write, allow, literal, "User:u" + number));
        index.add(rule("team-" + number + "-", AclOperation::write, allow, prefixed,
                       "User:u" + number));
    }
    index.add(rule("shared", AclOperation::read, deny, literal, "User:*"));
    auto looked_at = [&](std::string_view name, std::string_view principal) {
        auto verdict = index.judge({.resource = AclResource::topic,
                                    .name = name,
                                    .operation = AclOperation::write,
                                    .principal = principal,
                                    .host = "::1"});
        EXPECT_EQ(verdict.decision, Decision::allowed) << name;
        return verdict.rules_looked_at;
    };
    EXPECT_EQ(looked_at("topic-77", "User:u77"), 1u);
    EXPECT_EQ(looked_at("shared", "User:u3999"), 2u);
    EXPECT_EQ(looked_at("team-12-orders", "User:u12"), 1u);
}

TEST(AclIndex, the_right_to_any_resource_counts_unless_a_deny_covers_all_of_it) {
    AclIndex::Question question{.resource = AclResource::topic,
                                .operation = AclOperation::write,
                                .principal = "User:ann",
                                .host = "::1"};
    AclIndex index;
    EXPECT_FALSE(index.allows_any(question));
    index.add(rule("orders", AclOperation::write, allow));
    EXPECT_TRUE(index.allows_any(question));
    index.add(rule("ord", AclOperation::write, deny, prefixed));
    EXPECT_FALSE(index.allows_any(question));
    index.add(rule("o", AclOperation::all, allow, prefixed));
    EXPECT_TRUE(index.allows_any(question));
    index.add(rule("*", AclOperation::write, deny, literal, "User:*"));
    EXPECT_FALSE(index.allows_any(question));
}

TEST(AclFilter, the_pattern_match_finds_what_concerns_a_name) {
    AclFilter filter{.resource = AclResource::topic,
                     .name = "orders",
                     .pattern = AclPattern::match,
                     .principal = std::nullopt,
                     .host = std::nullopt};
    EXPECT_TRUE(filter.matches(rule("orders", AclOperation::read, allow)));
    EXPECT_TRUE(filter.matches(rule("*", AclOperation::read, allow)));
    EXPECT_TRUE(filter.matches(rule("ord", AclOperation::read, allow, prefixed)));
    EXPECT_FALSE(filter.matches(rule("ord", AclOperation::read, allow)));
    EXPECT_FALSE(filter.matches(rule("orders-2", AclOperation::read, allow, prefixed)));
    filter.pattern = AclPattern::literal;
    EXPECT_FALSE(filter.matches(rule("*", AclOperation::read, allow)));
}

}  // namespace
}  // namespace stoker::broker
