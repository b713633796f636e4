#include "kafka/group_admin.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "kafka/scripted_broker.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/15_describe_groups.hpp"
#include "protocol/messages/16_list_groups.hpp"
#include "protocol/messages/42_delete_groups.hpp"
#include "protocol/messages/69_consumer_group_describe.hpp"

namespace stoker::kafka {
namespace {

namespace p = protocol;
using Reaction = ScriptedBroker::Reaction;
using Script = std::map<int16_t, Reaction>;

/// A client of a broker that answers as the script says.
struct Client {
    explicit Client(Script script) : broker(with_coordinator(std::move(script))) {
        ClientProperties properties;
        properties.set("bootstrap.servers", broker.server());
        properties.set("retry.backoff.ms", "1");
        admin = value_or_throw(Admin::create(properties, log, clock));
    }
    /// Every group's coordinator is the one node.
    Script with_coordinator(Script script) {
        script[p::FindCoordinatorRequest::api.key] = [this](const ScriptedRequest& request) {
            const auto asked = request.decode<p::FindCoordinatorRequest>();
            p::FindCoordinatorResponse answer;
            for (const std::string& key : asked.coordinator_keys) {
                answer.coordinators.push_back(
                    {.key = key, .node_id = 1, .host = "127.0.0.1", .port = broker.port()});
            }
            return request.answer(answer);
        };
        return script;
    }

    SystemClock clock;
    Log log{clock, [](std::string_view) {}};
    ScriptedBroker broker;
    std::unique_ptr<Admin> admin;
};

TEST(GroupAdmin, a_classic_group_is_asked_for_when_it_is_no_consumer_group) {
    Client client({
        {p::ConsumerGroupDescribeRequest::api.key,
         [](const ScriptedRequest& request) {
             p::ConsumerGroupDescribeResponse answer;
             answer.groups.push_back({.error_code = ErrorCode::group_id_not_found,
                                      .error_message = "Group old is not a consumer group.",
                                      .group_id = "old"});
             answer.groups.push_back({.group_id = "new",
                                      .group_state = "Stable",
                                      .group_epoch = 3,
                                      .assignor_name = "uniform",
                                      .members = {{.member_id = "m", .member_type = 1}}});
             return request.answer(answer);
         }},
        {p::DescribeGroupsRequest::api.key,
         [](const ScriptedRequest& request) {
             const auto asked = request.decode<p::DescribeGroupsRequest>();
             EXPECT_EQ(asked.groups, std::vector<std::string>{"old"});
             p::DescribeGroupsResponse answer;
             answer.groups.push_back({.group_id = "old",
                                      .group_state = "Empty",
                                      .protocol_type = "consumer",
                                      .protocol_data = "range"});
             return request.answer(answer);
         }},
    });
    const auto groups = describe_consumer_groups(*client.admin, {"old", "new"});
    ASSERT_TRUE(groups.at("old").has_value());
    EXPECT_EQ(groups.at("old")->type, "Classic");
    EXPECT_EQ(groups.at("old")->assignor, "range");
    EXPECT_EQ(groups.at("old")->epoch, std::nullopt);
    ASSERT_TRUE(groups.at("new").has_value());
    EXPECT_EQ(groups.at("new")->type, "Consumer");
    EXPECT_EQ(groups.at("new")->epoch, 3);
    EXPECT_EQ(groups.at("new")->members.at(0).upgraded, true);
    EXPECT_EQ(groups.at("new")->coordinator.port, client.broker.port());
}

TEST(GroupAdmin, a_group_of_another_protocol_is_no_consumer_group) {
    Client client({
        {p::ConsumerGroupDescribeRequest::api.key,
         [](const ScriptedRequest& request) {
             p::ConsumerGroupDescribeResponse answer;
             answer.groups.push_back(
                 {.error_code = ErrorCode::group_id_not_found, .group_id = "c"});
             return request.answer(answer);
         }},
        {p::DescribeGroupsRequest::api.key,
         [](const ScriptedRequest& request) {
             p::DescribeGroupsResponse answer;
             answer.groups.push_back({.group_id = "c", .protocol_type = "connect"});
             return request.answer(answer);
         }},
    });
    const auto groups = describe_consumer_groups(*client.admin, {"c"});
    EXPECT_EQ(groups.at("c").error().text(), "GroupId c is not a consumer group (connect).");
}

TEST(GroupAdmin, a_coordinator_that_moved_is_looked_for_again) {
    std::atomic<int> asked = 0;
    Client client({{p::DeleteGroupsRequest::api.key, [&](const ScriptedRequest& request) {
                        const bool first = ++asked == 1;
                        p::DeleteGroupsResponse answer;
                        answer.results.push_back(
                            {.group_id = "g",
                             .error_code = first ? ErrorCode::not_coordinator : ErrorCode::none});
                        return request.answer(answer);
                    }}});
    EXPECT_TRUE(delete_groups(*client.admin, {"g"}).at("g").has_value());
    EXPECT_EQ(asked, 2);
    EXPECT_EQ(std::ranges::count(client.broker.asked(), p::FindCoordinatorRequest::api.key), 2);
}

TEST(GroupAdmin, groups_are_listed_by_protocol_with_types_in_capitals) {
    Client client({{p::ListGroupsRequest::api.key, [](const ScriptedRequest& request) {
                        p::ListGroupsResponse answer;
                        answer.groups = {{.group_id = "a",
                                          .protocol_type = "consumer",
                                          .group_state = "Stable",
                                          .group_type = "classic"},
                                         {.group_id = "b", .protocol_type = "connect"}};
                        return request.answer(answer);
                    }}});
    const auto groups =
        find_groups(*client.admin, {.protocol_types = std::vector<std::string>{"", "consumer"}});
    ASSERT_TRUE(groups.has_value());
    ASSERT_EQ(groups->size(), 1u);
    EXPECT_EQ(groups->at(0).group_id, "a");
    EXPECT_EQ(groups->at(0).group_type, "Classic");
}

TEST(GroupAdmin, without_a_broker_the_failure_says_what_was_tried) {
    SystemClock clock;
    const Log log(clock, [](std::string_view) {});
    ClientProperties properties;
    properties.set("bootstrap.servers", "127.0.0.1:1");
    const auto admin = value_or_throw(Admin::create(properties, log, clock));
    const auto groups = find_groups(*admin, {}, {.timeout_ms = 50});
    ASSERT_FALSE(groups.has_value());
    EXPECT_EQ(groups.error().text(), "Failed to find brokers to send ListGroups");
    EXPECT_EQ(groups.error().cause->text(),
              "Timed out waiting for a node assignment. Call: findAllBrokers");
    const auto described = describe_consumer_groups(*admin, {"g"}, {.timeout_ms = 50});
    EXPECT_EQ(described.at("g").error().text(),
              "Timed out waiting for a node assignment. Call: "
              "describeConsumerGroups(api=FIND_COORDINATOR)");
}

}  // namespace
}  // namespace stoker::kafka
