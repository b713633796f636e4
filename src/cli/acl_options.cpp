#include "cli/acl_options.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>

#include "broker/config/config_value.hpp"
#include "cli/admin_tool.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

using kafka::AclOperation;
using kafka::AclPattern;
using kafka::AclPermission;
using kafka::AclResource;
using kafka::ResourcePattern;
using Filters = std::set<ResourcePattern>;
using Entries = std::set<kafka::AclEntry>;
using Operations = std::set<AclOperation>;

const ResourcePattern the_cluster{AclResource::cluster, "kafka-cluster", AclPattern::literal};

std::string trim(const std::string& text) {
    return std::string(broker::trimmed(text));
}

AclPattern pattern_type(const AclOptions& o, const jopt::OptionSet& given) {
    std::string word = given.text_or_empty(o.pattern_type);
    std::ranges::transform(word, word.begin(),
                           [](unsigned char c) { return char(std::toupper(c)); });
    for (AclPattern type :
         {AclPattern::any, AclPattern::match, AclPattern::literal, AclPattern::prefixed}) {
        if (to_string(type) == word) return type;
    }
    // Upstream's converter lists its words otherwise than the one of joptsimple does.
    kafka::Failure cause{.exception = "joptsimple.ValueConversionException",
                         .message = "Value [" + given.text_or_empty(o.pattern_type) +
                                    "] is not one of [ANY|MATCH|LITERAL|PREFIXED]"};
    throw kafka::KafkaException(kafka::Failure{
        .exception = "joptsimple.OptionArgumentConversionException",
        .message = "Cannot parse argument '" + given.text_or_empty(o.pattern_type) +
                   "' of option resource-pattern-type",
        .cause = std::make_shared<const kafka::Failure>(std::move(cause))});
}

/// SecurityUtils.operation: "DescribeConfigs", in any case.
AclOperation operation_of(const std::string& text) {
    std::string word = trim(text);
    std::erase(word, '_');
    for (int8_t number = 1; number <= raw(AclOperation::two_phase_commit); ++number) {
        std::string name(to_string(AclOperation{number}));
        std::erase(name, '_');
        bool same = std::ranges::equal(word, name, {}, [](unsigned char c) {
            return std::toupper(c);
        });
        if (same) return AclOperation{number};
    }
    return AclOperation::unknown;
}

/// SecurityUtils.parseKafkaPrincipal.
std::vector<std::string> principals_of(const jopt::OptionSet& given, const jopt::Option& option) {
    std::vector<std::string> principals;
    if (!given.has(option)) return principals;
    for (const std::string& text : given.texts(option)) {
        std::string principal = trim(text);
        size_t colon = principal.find(':');
        if (principal.empty() || colon == std::string::npos) {
            throw_illegal_argument("expected a string in format principalType:principalName but "
                                   "got " + principal);
        }
        principals.push_back(std::move(principal));
    }
    return principals;
}

std::vector<std::string> hosts_of(const jopt::OptionSet& given, const jopt::Option& hosts,
                                  const jopt::Option& principals) {
    if (given.has(hosts)) {
        std::vector<std::string> all;
        for (const std::string& host : given.texts(hosts)) all.push_back(trim(host));
        return all;
    }
    if (given.has(principals)) return {"*"};
    return {};
}

Entries entries_of(const AclOptions& o, const jopt::OptionSet& given,
                   const Operations& operations) {
    Entries entries;
    auto add = [&](const std::vector<std::string>& principals,
                   const std::vector<std::string>& hosts, AclPermission permission) {
        for (const std::string& principal : principals) {
            for (AclOperation operation : operations) {
                for (const std::string& host : hosts) {
                    entries.insert({principal, host, operation, permission});
                }
            }
        }
    };
    std::vector<std::string> allowed = principals_of(given, o.allow_principal);
    std::vector<std::string> denied = principals_of(given, o.deny_principal);
    add(allowed, hosts_of(given, o.allow_host, o.allow_principal), AclPermission::allow);
    add(denied, hosts_of(given, o.deny_host, o.deny_principal), AclPermission::deny);
    return entries;
}

Filters resource_filters(Streams& io, const AclOptions& o, const jopt::OptionSet& given,
                         bool required) {
    AclPattern pattern = pattern_type(o, given);
    Filters filters;
    auto add = [&](const jopt::Option& option, AclResource type) {
        if (!given.has(option)) return;
        for (const std::string& name : given.texts(option)) {
            bool keeps_blanks = type == AclResource::transactional_id;
            filters.insert({type, keeps_blanks ? name : trim(name), pattern});
        }
    };
    add(o.topic, AclResource::topic);
    if (pattern == AclPattern::literal && (given.has(o.cluster) || given.has(o.idempotent))) {
        filters.insert(the_cluster);
    }
    add(o.group, AclResource::group);
    add(o.transactional_id, AclResource::transactional_id);
    add(o.delegation_token, AclResource::delegation_token);
    add(o.user_principal, AclResource::user);
    if (filters.empty() && required) {
        print_usage_and_exit(io, o.parser,
                             "You must provide at least one resource: --topic <topic> or --cluster "
                             "or --group <group> or --delegation-token <Delegation Token ID>");
    }
    return filters;
}

/// AclEntry.supportedOperations, and ALL.
Operations supported(AclResource type) {
    using enum AclOperation;
    switch (type) {
        case AclResource::topic:
            return {all, read, write, create, describe, remove, alter, describe_configs,
                    alter_configs};
        case AclResource::group:
            return {all, read, describe, remove, describe_configs, alter_configs};
        case AclResource::cluster:
            return {all, create, cluster_action, describe_configs, alter_configs,
                    idempotent_write, alter, describe};
        case AclResource::transactional_id:
            return {all, describe, write, two_phase_commit};
        case AclResource::delegation_token:
            return {all, describe};
        case AclResource::user:
            return {all, create_tokens, describe_tokens};
        default:
            return {all};
    }
}

void check_operations(Streams& io, const AclOptions& o, const AclTargets& targets) {
    for (const auto& [resource, entries] : targets) {
        Operations valid = supported(resource.type);
        bool all_valid = std::ranges::all_of(entries, [&](const kafka::AclEntry& entry) {
            return valid.contains(entry.operation);
        });
        if (all_valid) continue;
        std::string names;
        for (AclOperation operation : valid) {
            names += (names.empty() ? "" : ", ") + std::string(to_string(operation));
        }
        print_usage_and_exit(io, o.parser,
                             "AclResource " + std::string(to_string(resource.type)) +
                                 " only supports operations [" + names + "]");
    }
}

void check_combinations(Streams& io, const AclOptions& o, const jopt::OptionSet& given) {
    auto refuse = [&](std::string_view why) { print_usage_and_exit(io, o.parser, why); };
    bool has_server = given.has(o.bootstrap_server);
    bool has_controller = given.has(o.bootstrap_controller);
    if (has_server && has_controller) {
        refuse("Only one of --bootstrap-server or --bootstrap-controller must be specified");
    }
    if (!has_server && !has_controller) {
        refuse("One of --bootstrap-server or --bootstrap-controller must be specified");
    }
    if (given.has(o.add) + given.has(o.remove) + given.has(o.list) != 1) {
        refuse("Command must include exactly one action: --list, --add, --remove. ");
    }
    check_invalid_args(io, o.parser, given, o.list,
                       {&o.producer, &o.consumer, &o.allow_host, &o.allow_principal, &o.deny_host,
                        &o.deny_principal});
    OptionList inferred{&o.operation, &o.deny_principal, &o.deny_host};
    check_invalid_args(io, o.parser, given, o.producer, inferred);
    check_invalid_args(io, o.parser, given, o.consumer, inferred);
    if (given.has(o.principal) && !given.has(o.list)) {
        refuse("The --principal option is only available if --list is set");
    }
    if (given.has(o.producer) && !given.has(o.topic)) {
        refuse("With --producer you must specify a --topic");
    }
    if (given.has(o.idempotent) && !given.has(o.producer)) {
        refuse("The --idempotent option is only available if --producer is set");
    }
    bool others = !given.has(o.producer) && (given.has(o.cluster) || given.has(o.transactional_id));
    if (given.has(o.consumer) && (!given.has(o.topic) || !given.has(o.group) || others)) {
        refuse("With --consumer you must specify a --topic and a --group and no --cluster or "
               "--transactional-id option should be specified.");
    }
}

}  // namespace

jopt::OptionSet parse_acl_options(Streams& io, const AclOptions& o, const Args& args) {
    jopt::OptionSet given;
    try {
        given = o.parser.parse(args);
    } catch (const kafka::KafkaException& wrong) {
        print_usage_and_exit(io, o.parser, wrong.failure().text());
    }
    print_help_or_version(io, o.parser, given, "This tool helps to manage acls on kafka.");
    check_combinations(io, o, given);
    return given;
}

AclTargets acls_of(Streams& io, const AclOptions& o, const jopt::OptionSet& given) {
    using enum AclOperation;
    AclTargets targets;
    if (!given.has(o.producer) && !given.has(o.consumer)) {
        Operations operations;
        for (const std::string& text : given.texts(o.operation)) {
            operations.insert(operation_of(text));
        }
        Entries entries = entries_of(o, given, operations);
        for (const auto& filter : resource_filters(io, o, given, true)) targets[filter] = entries;
        check_operations(io, o, targets);
        return targets;
    }
    Filters filters = resource_filters(io, o, given, true);
    auto add = [&](AclResource type, const Operations& operations) {
        Entries entries = entries_of(o, given, operations);
        for (const auto& filter : filters) {
            if (filter.type == type) targets[filter].insert(entries.begin(), entries.end());
        }
    };
    if (given.has(o.producer)) {
        add(AclResource::topic, {write, describe, create});
        add(AclResource::transactional_id, {write, describe});
        if (given.has(o.idempotent)) {
            targets[the_cluster] = entries_of(o, given, {idempotent_write});
        }
    }
    if (given.has(o.consumer)) {
        add(AclResource::topic, {read, describe});
        add(AclResource::group, {read});
    }
    check_operations(io, o, targets);
    return targets;
}

AclTargets acls_to_add(Streams& io, const AclOptions& o, const jopt::OptionSet& given) {
    AclPattern pattern = pattern_type(o, given);
    if (pattern != AclPattern::literal && pattern != AclPattern::prefixed) {
        print_usage_and_exit(io, o.parser,
                             "A '--resource-pattern-type' value of '" +
                                 std::string(to_string(pattern)) +
                                 "' is not valid when adding acls.");
    }
    AclTargets targets = acls_of(io, o, given);
    auto is_empty = [](const auto& target) { return target.second.empty(); };
    if (std::ranges::any_of(targets, is_empty)) {
        print_usage_and_exit(io, o.parser,
                             "You must specify one of: --allow-principal, --deny-principal when "
                             "trying to add ACLs.");
    }
    return targets;
}

AclListing acls_to_list(Streams& io, const AclOptions& o, const jopt::OptionSet& given) {
    return {.filters = resource_filters(io, o, given, false),
            .principals = principals_of(given, o.principal),
            .format = output_format(given, o.output)};
}

}  // namespace stoker::cli
