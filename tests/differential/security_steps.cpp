// What is asked of a broker's security: without an authorizer, both say that there is none.
#include "protocol/messages/29_describe_acls.hpp"
#include "protocol/messages/30_create_acls.hpp"
#include "protocol/messages/31_delete_acls.hpp"
#include "steps.hpp"

namespace stoker::differential {

namespace {

using protocol::CreateAclsRequest;
using protocol::CreateAclsResponse;
using protocol::DeleteAclsRequest;
using protocol::DeleteAclsResponse;
using protocol::DescribeAclsRequest;
using protocol::DescribeAclsResponse;

constexpr int8_t topic_type = 2, group_type = 3, literal = 3, prefixed = 4;
constexpr int8_t read = 3, write = 4, deny = 2, allow = 3;

void describe_acls(Duel& duel) {
    Draw& draw = duel.draw;
    DescribeAclsRequest request{.resource_type_filter = draw.pick<int8_t>({1, topic_type}),
                                .resource_name_filter = draw.pick<std::string>({"alpha", ""}),
                                .pattern_type_filter = draw.pick<int8_t>({1, 2, literal}),
                                .principal_filter = std::nullopt,
                                .host_filter = std::nullopt,
                                .operation = draw.pick<int8_t>({1, read}),
                                .permission_type = draw.pick<int8_t>({1, allow})};
    if (draw.chance(30)) request.resource_name_filter = std::nullopt;
    duel.exchange<DescribeAclsResponse>(request);
}

void create_acls(Duel& duel) {
    Draw& draw = duel.draw;
    CreateAclsRequest request;
    for (size_t i = draw.below(3); i > 0; --i) {
        request.creations.push_back(
            {.resource_type = draw.pick<int8_t>({topic_type, group_type}),
             .resource_name = draw.pick<std::string>({"alpha", "g-one", "*"}),
             .resource_pattern_type = draw.pick<int8_t>({literal, prefixed}),
             .principal = draw.pick<std::string>({"User:ann", "User:*"}),
             .host = "*",
             .operation = draw.pick<int8_t>({read, write}),
             .permission_type = draw.pick<int8_t>({deny, allow})});
    }
    duel.exchange<CreateAclsResponse>(request);
}

void delete_acls(Duel& duel) {
    Draw& draw = duel.draw;
    DeleteAclsRequest request;
    for (size_t i = draw.below(3); i > 0; --i) {
        request.filters.push_back({.resource_type_filter = topic_type,
                                   .resource_name_filter = draw.pick<std::string>({"alpha", "*"}),
                                   .pattern_type_filter = draw.pick<int8_t>({literal, prefixed}),
                                   .principal_filter = std::nullopt,
                                   .host_filter = std::nullopt,
                                   .operation = draw.pick<int8_t>({1, read}),
                                   .permission_type = 1});
    }
    duel.exchange<DeleteAclsResponse>(request);
}

}  // namespace

std::vector<StepKind> security_steps() {
    return {
        {29, "describe ACLs", 1, describe_acls},
        {30, "create ACLs", 1, create_acls},
        {31, "delete ACLs", 1, delete_acls},
    };
}

}  // namespace stoker::differential
