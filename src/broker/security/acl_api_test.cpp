// ACLs through their APIs, kept in the metadata log, and what the authorizer's settings mean.
#include <gtest/gtest.h>

#include "broker/handlers/handlers.hpp"
#include "broker/security/matrix_fixture.hpp"
#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

namespace p = protocol;

namespace {

constexpr int8_t topic_type = 2, cluster_type = 4, literal = 3, read_code = 3, allow_code = 3;

p::CreateAclsRequest creation(std::string name, std::string principal = "User:ann",
                              int8_t type = topic_type) {
    p::CreateAclsRequest request;
    request.creations.push_back({.resource_type = type,
                                 .resource_name = std::move(name),
                                 .resource_pattern_type = literal,
                                 .principal = std::move(principal),
                                 .host = "*",
                                 .operation = read_code,
                                 .permission_type = allow_code});
    return request;
}

p::DescribeAclsRequest about(std::optional<std::string> principal) {
    return {.resource_type_filter = 1,
            .resource_name_filter = std::nullopt,
            .pattern_type_filter = 1,
            .principal_filter = std::move(principal),
            .host_filter = std::nullopt,
            .operation = 1,
            .permission_type = 1};
}

ConfigMap with_super_user(const std::string& name) {
    return {{"authorizer.class.name", std::string(Authorizer::class_name)},
            {"super.users", "User:admin; " + name}};
}

TEST(Acls, that_are_created_are_described_and_survive_the_death_of_the_process) {
    TestBroker broker(with_super_user(anonymous));
    auto created = broker.ask<p::CreateAclsResponse>(creation("orders"), 3);
    ASSERT_EQ(created.results.size(), 1u);
    EXPECT_EQ(created.results[0].error_code, ErrorCode::none);
    broker.ask<p::CreateAclsResponse>(creation("orders"), 3);  // again: no second one
    auto before = broker.broker().metadata().image();
    broker.kill_and_restart();
    EXPECT_EQ(broker.broker().metadata().image().acls(), before.acls());
    auto told = broker.ask<p::DescribeAclsResponse>(about("User:ann"), 3);
    ASSERT_EQ(told.resources.size(), 1u);
    EXPECT_EQ(told.resources[0].resource_name, "orders");
    ASSERT_EQ(told.resources[0].acls.size(), 1u);
    EXPECT_EQ(told.resources[0].acls[0].operation, read_code);
}

TEST(Acls, of_which_one_is_removed_keep_the_others_through_a_restart) {
    TestBroker broker(with_super_user(anonymous));
    for (const char* name : {"a", "b", "c"})
        broker.ask<p::CreateAclsResponse>(creation(name), 2);
    p::DeleteAclsRequest request;
    request.filters.push_back({.resource_type_filter = topic_type,
                               .resource_name_filter = "b",
                               .principal_filter = std::nullopt,
                               .host_filter = std::nullopt,
                               .operation = 1,
                               .permission_type = 1});
    auto deleted = broker.ask<p::DeleteAclsResponse>(request, 2);
    ASSERT_EQ(deleted.filter_results.size(), 1u);
    ASSERT_EQ(deleted.filter_results[0].matching_acls.size(), 1u);
    EXPECT_EQ(deleted.filter_results[0].matching_acls[0].resource_name, "b");
    broker.kill_and_restart();
    auto told = broker.ask<p::DescribeAclsResponse>(about(std::nullopt), 2);
    ASSERT_EQ(told.resources.size(), 2u);
    EXPECT_EQ(told.resources[0].resource_name, "a");
    EXPECT_EQ(told.resources[1].resource_name, "c");
}

TEST(Acls, that_cannot_be_are_refused_one_by_one) {
    TestBroker broker(with_super_user(anonymous));
    p::CreateAclsRequest request = creation("x", "User:ann", cluster_type);
    request.creations.push_back(creation("").creations[0]);
    request.creations.push_back(creation("t", "ann").creations[0]);
    request.creations.push_back(creation("good").creations[0]);
    auto created = broker.ask<p::CreateAclsResponse>(request, 3);
    ASSERT_EQ(created.results.size(), 4u);
    EXPECT_EQ(created.results[0].error_message,
              "The only valid name for the CLUSTER resource is kafka-cluster");
    EXPECT_EQ(created.results[1].error_message, "Invalid empty resource name");
    EXPECT_EQ(created.results[2].error_code, ErrorCode::invalid_request);
    EXPECT_EQ(created.results[3].error_code, ErrorCode::none);
    EXPECT_EQ(broker.broker().metadata().acl_index().size(), 1u);
}

TEST(Acls, with_elements_that_nobody_knows_close_the_connection) {
    TestBroker broker(with_super_user(anonymous));
    p::CreateAclsRequest request = creation("t");
    request.creations[0].operation = 0;  // UNKNOWN
    uint64_t number = broker.send(request, 3);
    ASSERT_TRUE(broker.answered(number));
    EXPECT_EQ(broker.raw_answer(number).kind, net::Answer::Kind::close);
    request.creations[0].operation = 99;
    EXPECT_EQ(broker.ask<p::CreateAclsResponse>(request, 3).results.at(0).error_code,
              ErrorCode::invalid_request);
}

TEST(Acls, count_for_the_next_request_and_no_longer_once_they_are_deleted) {
    GuardedBroker broker;
    p::MetadataRequest asked{.topics = {{{.name = "t"}}}, .allow_auto_topic_creation = false};
    Acl denial = acl(AclResource::topic, "t", AclOperation::describe, AclPermission::deny);
    EXPECT_FALSE(broker.see<p::MetadataResponse>(asked, 9).refused());
    broker.add(denial);
    EXPECT_TRUE(broker.see<p::MetadataResponse>(asked, 9).refused());
    broker.broker().metadata().delete_acls({AclFilter{.name = "t"}});
    EXPECT_FALSE(broker.see<p::MetadataResponse>(asked, 9).refused());
}

TEST(Authorizer, without_any_acl_denies_unless_everybody_is_let_in) {
    std::string name(Authorizer::class_name);
    p::CreateTopicsRequest request;
    request.topics.push_back({.name = "new", .num_partitions = 1, .replication_factor = 1});
    for (bool open : {false, true}) {
        TestBroker broker({{"authorizer.class.name", name},
                           {"allow.everyone.if.no.acl.found", open ? "true" : "false"}});
        auto created = broker.ask<p::CreateTopicsResponse>(request, 7);
        EXPECT_EQ(created.topics[0].error_code,
                  open ? ErrorCode::none : ErrorCode::topic_authorization_failed);
    }
}

TEST(Authorizer, does_not_tell_an_unseen_topic_from_none) {
    GuardedBroker broker;
    broker.remove_all_rules();
    auto about_topic = [&](const std::string& name) {
        p::MetadataRequest asked{.topics = {{{.name = name}}}, .allow_auto_topic_creation = true};
        auto topic = broker.ask<p::MetadataResponse>(asked, 12).topics.at(0);
        topic.name.reset();
        return topic;
    };
    EXPECT_EQ(about_topic("t"), about_topic("nothing"));
    EXPECT_EQ(about_topic("t").topic_id, Uuid{});
}

TEST(Authorizer, tells_the_operations_that_are_allowed) {
    GuardedBroker broker;
    p::MetadataRequest asked{.topics = {{{.name = "t"}}},
                             .include_topic_authorized_operations = true};
    auto operations = [&] {
        return broker.ask<p::MetadataResponse>(asked, 9).topics.at(0).topic_authorized_operations;
    };
    constexpr int32_t everything = 0b110111111000, without_write = 0b110111101000;
    EXPECT_EQ(operations(), everything);
    broker.add(acl(AclResource::topic, "t", AclOperation::write, AclPermission::deny));
    EXPECT_EQ(operations(), without_write);
}

TEST(Authorizer, writes_an_audit_line_that_no_name_can_forge) {
    AuditLines audit;
    GuardedBroker broker;
    broker.remove_all_rules();
    audit.take();
    p::MetadataRequest asked{.topics = {{{.name = "x\nPrincipal = User:admin is Allowed"}}}};
    broker.ask<p::MetadataResponse>(asked, 9);
    auto lines = audit.take();
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_EQ(lines[0],
              "Principal = User:ANONYMOUS is Denied operation = DESCRIBE from host = 127.0.0.1 on "
              "resource = Topic:LITERAL:x\\x0aPrincipal = User:admin is Allowed for request = "
              "Metadata with resourceRefCount = 1 based on rule DefaultDeny");
}

TEST(Authorizer, tells_users_apart_by_their_principals) {
    TestBroker broker(with_super_user("User:root"));
    auto ask = [&](const std::string& principal) {
        broker.become(principal);
        p::MetadataRequest asked{.topics = {{{.name = "t"}}}, .allow_auto_topic_creation = false};
        return broker.ask<p::MetadataResponse>(asked, 9).topics.at(0).error_code;
    };
    constexpr ErrorCode denied = ErrorCode::topic_authorization_failed;
    constexpr ErrorCode seen = ErrorCode::unknown_topic_or_partition;
    EXPECT_EQ(ask("User:ann"), denied);
    EXPECT_EQ(ask("User:root"), seen);
    broker.ask<p::CreateAclsResponse>(creation("t"), 3);
    EXPECT_EQ(ask("User:ann"), seen);
    EXPECT_EQ(ask("User:bob"), denied);
    EXPECT_EQ(ask("Group:ann"), denied);
}

TEST(Authorizer, lets_a_transaction_add_only_partitions_that_its_producer_may_write_to) {
    GuardedBroker broker;
    broker.broker().metadata().create_topic({.name = "closed", .configs = {}});
    broker.add(acl(AclResource::topic, "closed", AclOperation::write, AclPermission::deny));
    broker.ask<p::FindCoordinatorResponse>(
        p::FindCoordinatorRequest{.key_type = 1, .coordinator_keys = {"x"}}, 4);
    auto producer = broker.ask<p::InitProducerIdResponse>(
        p::InitProducerIdRequest{.transactional_id = "x", .transaction_timeout_ms = 60'000}, 4);
    Bytes batch = batch_of({"a"}, broker.clock().wall_ms(),
                           {.producer_id = producer.producer_id,
                            .producer_epoch = producer.producer_epoch,
                            .base_sequence = 0,
                            .transactional = true});
    p::ProduceRequest request{.transactional_id = "x", .acks = 1, .timeout_ms = 1000};
    auto& topic = request.topic_data.emplace_back();
    topic.name = "closed";
    topic.partition_data.push_back(
        {.index = PartitionId{0}, .records = p::Records{.bytes = batch}});
    auto answer = broker.ask<p::ProduceResponse>(request, 12);
    EXPECT_EQ(answer.responses.at(0).partition_responses.at(0).error_code,
              ErrorCode::topic_authorization_failed);
    auto state = broker.broker().transactions().describe("x");
    EXPECT_TRUE(state.topics.empty());
}

TEST(Authorizer, refuses_super_users_without_a_type) {
    auto configs = ConfigStore::create({.properties = with_super_user("bob"), .defaults = {}});
    ASSERT_TRUE(configs) << configs.error();
    AclIndex none;
    auto made = Authorizer::create(*configs, none);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error(),
              "super.users names bob, which has no type: write User:bob, and separate several "
              "with semicolons.");
}

}  // namespace
}  // namespace stoker::broker
