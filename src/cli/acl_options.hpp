// The options of kafka-acls, and the ACLs that they stand for.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool.hpp"
#include "kafka/acl.hpp"

namespace stoker::cli {

struct AclOptions {
    using Option = jopt::Option;

    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "The servers to connect to first.")
            .with_required_arg("server to connect to");
    const Option& bootstrap_controller =
        parser.accepts("bootstrap-controller", "The controllers to connect to first.")
            .with_required_arg("controller to connect to");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_optional_arg("command-config");
    const Option& topic =
        parser.accepts("topic", "The topic; * is every topic.").with_required_arg("topic");
    const Option& cluster = parser.accepts("cluster", "The cluster.");
    const Option& group =
        parser.accepts("group", "The group; * is every group.").with_required_arg("group");
    const Option& transactional_id =
        parser.accepts("transactional-id", "The transactional id; * is every one.")
            .with_required_arg("transactional-id");
    const Option& idempotent = parser.accepts(
        "idempotent", "With --producer: also what an idempotent producer needs.");
    const Option& delegation_token =
        parser.accepts("delegation-token", "The delegation token; * is every token.")
            .with_required_arg("delegation-token");
    const Option& pattern_type =
        parser.accepts("resource-pattern-type",
                       "literal or prefixed; to list and remove also any (whatever the pattern's "
                       "type) and match (every pattern that covers the resource).")
            .with_required_arg("ANY|MATCH|LITERAL|PREFIXED")
            .defaults_to("LITERAL");
    const Option& add = parser.accepts("add", "Adds ACLs.");
    const Option& remove = parser.accepts("remove", "Removes ACLs.");
    const Option& list = parser.accepts("list", "Lists ACLs, of all resources or of the given.");
    const Option& operation =
        parser.accepts("operation",
                       "The operation that is allowed or denied: Read, Write, Create, Delete, "
                       "Alter, Describe, ClusterAction, AlterConfigs, DescribeConfigs, "
                       "IdempotentWrite, CreateTokens, DescribeTokens, TwoPhaseCommit, All.")
            .with_required_arg()
            .defaults_to("All");
    const Option& allow_principal =
        parser.accepts("allow-principal", "Who is allowed, as type:name; User:* is everybody.")
            .with_required_arg("allow-principal");
    const Option& deny_principal =
        parser.accepts("deny-principal",
                       "Who is denied, as type:name; a denial counts more than any permission.")
            .with_required_arg("deny-principal");
    const Option& principal = parser.accepts("principal", "With --list: only of this principal.")
                                  .with_optional_arg("principal");
    const Option& allow_host =
        parser.accepts("allow-host", "Where --allow-principal comes from; everywhere without it.")
            .with_required_arg("allow-host");
    const Option& deny_host =
        parser.accepts("deny-host", "Where --deny-principal comes from; everywhere without it.")
            .with_required_arg("deny-host");
    const Option& producer =
        parser.accepts("producer", "What a producer needs: write, describe, create on topics.");
    const Option& consumer = parser.accepts(
        "consumer", "What a consumer needs: read, describe on topics, read on groups.");
    const Option& force = parser.accepts("force", "Asks nothing.");
    const Option& user_principal =
        parser.accepts("user-principal", "A user as the resource, for tokens.")
            .with_required_arg("user-principal");
    const Option& output = add_output_option(parser);
};

using AclTargets = std::map<kafka::ResourcePattern, std::set<kafka::AclEntry>>;

struct AclListing {
    /// Empty: everything.
    std::set<kafka::ResourcePattern> filters;
    std::vector<std::string> principals;
    std::optional<OutputFormat> format;
};

/// Wrong usage ends the program.
jopt::OptionSet parse_acl_options(Streams& io, const AclOptions& o, const Args& args);
AclTargets acls_of(Streams& io, const AclOptions& o, const jopt::OptionSet& given);
/// The same, of which each resource must have some, with patterns that resources can have.
AclTargets acls_to_add(Streams& io, const AclOptions& o, const jopt::OptionSet& given);
AclListing acls_to_list(Streams& io, const AclOptions& o, const jopt::OptionSet& given);

}  // namespace stoker::cli
