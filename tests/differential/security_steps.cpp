// ACLs, with everybody a super user, and quotas so high, or about clients so unknown, that nobody
// is slowed.
#include <optional>
#include <string>
#include <utility>

#include "protocol/messages/29_describe_acls.hpp"
#include "protocol/messages/30_create_acls.hpp"
#include "protocol/messages/31_delete_acls.hpp"
#include "protocol/messages/48_describe_client_quotas.hpp"
#include "protocol/messages/49_alter_client_quotas.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::AlterClientQuotasRequest;
using protocol::AlterClientQuotasResponse;
using protocol::CreateAclsRequest;
using protocol::CreateAclsResponse;
using protocol::DeleteAclsRequest;
using protocol::DeleteAclsResponse;
using protocol::DescribeAclsRequest;
using protocol::DescribeAclsResponse;
using protocol::DescribeClientQuotasRequest;
using protocol::DescribeClientQuotasResponse;

constexpr int8_t any = 1, match = 2, literal = 3, prefixed = 4;
constexpr int8_t topic_type = 2, group_type = 3, cluster_type = 4, id_type = 5, user_type = 7;
constexpr int8_t all = 2, read = 3, write = 4, create_tokens = 13, deny = 2, allow = 3;

std::optional<std::string> perhaps(Draw& draw, std::string text) {
    return draw.chance(30) ? std::nullopt : std::optional(std::move(text));
}

std::string acl_name(Draw& draw) {
    return draw.pick<std::string>({"alpha", "al", "g-one", "*", "kafka-cluster", ""});
}

void describe_acls(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeAclsRequest request{
        .resource_type_filter = draw.pick<int8_t>({any, topic_type, group_type, cluster_type}),
        .resource_name_filter = perhaps(draw, acl_name(draw)),
        .pattern_type_filter = draw.pick<int8_t>({any, match, literal, prefixed}),
        .principal_filter = perhaps(draw, "User:ann"),
        .host_filter = perhaps(draw, "*"),
        .operation = draw.pick<int8_t>({any, any, read}),
        .permission_type = draw.pick<int8_t>({any, any, allow})};
    // What nobody knows closes the connection.
    if (draw.chance(5)) request.operation = draw.pick<int8_t>({0, 99});
    duel.exchange<DescribeAclsResponse>(request);
}

void create_acls(Duel& duel) {
    Draw& draw = duel.draw;
    CreateAclsRequest request;
    for (size_t i = draw.below(4); i > 0; --i) {
        request.creations.push_back(
            {.resource_type =
                 draw.pick<int8_t>({topic_type, group_type, cluster_type, id_type, user_type}),
             .resource_name = acl_name(draw),
             .resource_pattern_type = draw.pick<int8_t>({literal, prefixed}),
             .principal = draw.pick<std::string>({"User:ann", "User:*", "User:", "ann"}),
             .host = draw.pick<std::string>({"*", "127.0.0.1", "nowhere"}),
             .operation = draw.pick<int8_t>({all, read, write, create_tokens}),
             .permission_type = draw.pick<int8_t>({deny, allow})});
    }
    if (draw.chance(5) && !request.creations.empty()) request.creations[0].permission_type = 9;
    duel.exchange<CreateAclsResponse>(request);
}

void delete_acls(Duel& duel) {
    Draw& draw = duel.draw;
    DeleteAclsRequest request;
    for (size_t i = draw.below(3); i > 0; --i) {
        request.filters.push_back(
            {.resource_type_filter = draw.pick<int8_t>({any, topic_type, group_type}),
             .resource_name_filter = acl_name(draw),
             .pattern_type_filter = draw.pick<int8_t>({any, match, literal, prefixed}),
             .principal_filter = perhaps(draw, "User:ann"),
             .host_filter = std::nullopt,
             .operation = draw.pick<int8_t>({any, read}),
             .permission_type = any});
    }
    duel.exchange<DeleteAclsResponse>(request);
}

void describe_quotas(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeClientQuotasRequest request{.components = {}, .strict = draw.chance(40)};
    for (size_t i = draw.below(3); i > 0; --i) {
        auto& component = request.components.emplace_back();
        component.entity_type = draw.pick<std::string>({"user", "client-id", "ip", "planet", ""});
        component.match_type = draw.pick<int8_t>({0, 1, 2, 3});
        component.match = draw.pick<std::string>({"ann", "app", "10.0.0.1"});
        if (component.match_type != 0 && !draw.chance(10)) component.match.reset();
    }
    duel.exchange<DescribeClientQuotasResponse>(request);
}

void alter_quotas(Duel& duel) {
    Draw& draw = duel.draw;
    AlterClientQuotasRequest request{.entries = {}, .validate_only = draw.chance(20)};
    auto& entry = request.entries.emplace_back();
    bool of_ip = draw.chance(25);
    if (of_ip) {
        entry.entity.push_back(
            {.entity_type = "ip",
             .entity_name = draw.pick<std::string>({"10.0.0.1", "10.0.0.2", "::1", ""})});
    } else {
        if (draw.chance(60))
            entry.entity.push_back(
                {.entity_type = "user", .entity_name = draw.pick<std::string>({"ann", "bob", ""})});
        if (draw.chance(60))
            entry.entity.push_back({.entity_type = "client-id",
                                    .entity_name = draw.pick<std::string>({"app", "job"})});
        if (draw.chance(5))
            entry.entity.push_back({.entity_type = draw.pick<std::string>({"planet", "ip"}),
                                    .entity_name = "10.0.0.1"});
    }
    for (size_t i = draw.below(3); i > 0; --i)
        entry.ops.push_back(
            {.key = draw.pick<std::string>({"producer_byte_rate", "consumer_byte_rate",
                                            "request_percentage", "controller_mutation_rate",
                                            "connection_creation_rate", "nothing"}),
             .value = draw.pick<double>({1000, 2500.5, 0, -1, 3e9, 1e20}),
             .remove = draw.chance(30)});
    duel.exchange<AlterClientQuotasResponse>(request);
}

}  // namespace

std::vector<StepKind> security_steps() {
    return {
        {29, "describe ACLs", 2, describe_acls},
        {30, "create ACLs", 2, create_acls},
        {31, "delete ACLs", 1, delete_acls},
        {48, "describe quotas", 2, describe_quotas},
        {49, "alter quotas", 2, alter_quotas},
    };
}

}  // namespace stoker::differential
