#include "cli/configs.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "cli/admin_tool.hpp"
#include "cli/jopt.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/endpoint.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using jopt::Option;

/// In upstream's order, which an error shows.
constexpr std::array known_types{entity::topics, entity::clients,        entity::users,
                                 entity::brokers, entity::ips, entity::client_metrics,
                                 entity::groups, entity::broker_loggers};

struct Options {
    jopt::Parser parser;
    const Option& bootstrap_server =
        parser.accepts("bootstrap-server", "The servers to connect to first.")
            .with_required_arg("server to connect to");
    const Option& bootstrap_controller =
        parser.accepts("bootstrap-controller", "The controllers to connect to first.")
            .with_required_arg("controller to connect to");
    const Option& command_config =
        parser.accepts("command-config", "A properties file with settings of the admin client.")
            .with_required_arg("command config property file");
    const Option& alter = parser.accepts("alter", "Changes configs.");
    const Option& describe = parser.accepts("describe", "Shows configs.");
    const Option& all =
        parser.accepts("all", "With --describe: all configs, those of defaults included.");
    const Option& entity_type =
        parser.accepts("entity-type", "topics, clients, users, brokers, broker-loggers, ips, "
                                      "client-metrics or groups.")
            .with_required_arg();
    const Option& entity_name =
        parser.accepts("entity-name", "The name of the topic, client, user, broker and so on.")
            .with_required_arg();
    const Option& entity_default = parser.accepts(
        "entity-default", "The default of clients, users, brokers or ips instead of a name.");
    const Option& add_config =
        parser.accepts("add-config", "Configs to set: k1=v1,k2=[v1,v2],k3=v3; square brackets "
                                     "hold values with commas together. kafka-configs --describe "
                                     "--all shows the names.")
            .with_required_arg();
    const Option& add_config_file =
        parser.accepts("add-config-file", "A properties file with configs to set.")
            .with_required_arg();
    const Option& delete_config =
        parser.accepts("delete-config", "Names of configs to remove: k1,k2.")
            .with_required_arg()
            .separated_by(',');
    const Option& topic = parser.accepts("topic", "The topic.").with_required_arg();
    const Option& client = parser.accepts("client", "The client's id.").with_required_arg();
    const Option& client_defaults =
        parser.accepts("client-defaults", "The default of all clients.");
    const Option& user = parser.accepts("user", "The user's principal.").with_required_arg();
    const Option& user_defaults = parser.accepts("user-defaults", "The default of all users.");
    const Option& broker = parser.accepts("broker", "The broker's id.").with_required_arg();
    const Option& broker_defaults =
        parser.accepts("broker-defaults", "The default of all brokers.");
    const Option& broker_logger =
        parser.accepts("broker-logger", "The broker's id, for its loggers.").with_required_arg();
    const Option& ip_defaults = parser.accepts("ip-defaults", "The default of all addresses.");
    const Option& ip = parser.accepts("ip", "The address.").with_required_arg();
    const Option& group = parser.accepts("group", "The group's id.").with_required_arg();
    const Option& client_metrics =
        parser.accepts("client-metrics", "The name of the client metrics.").with_required_arg();
    const Option& output = add_output_option(parser);
};

using Flag = std::pair<const Option*, std::string_view>;

std::vector<Flag> name_flags(const Options& o) {
    return {{&o.topic, entity::topics},
            {&o.client, entity::clients},
            {&o.user, entity::users},
            {&o.broker, entity::brokers},
            {&o.broker_logger, entity::broker_loggers},
            {&o.ip, entity::ips},
            {&o.client_metrics, entity::client_metrics},
            {&o.group, entity::groups}};
}

std::vector<Flag> default_flags(const Options& o) {
    return {{&o.client_defaults, entity::clients},
            {&o.user_defaults, entity::users},
            {&o.broker_defaults, entity::brokers},
            {&o.ip_defaults, entity::ips}};
}

/// --entity-name and --entity-default pair with the types in the order in which they were typed.
std::vector<std::string> typed_names(const Options& o, const jopt::OptionSet& given,
                                     const Args& args) {
    std::vector<std::string> values = given.texts(o.entity_name);
    std::vector<std::string> names;
    size_t next = 0;
    for (const std::string& word : args) {
        size_t begin = word.find_first_not_of('-');
        if (begin != 1 && begin != 2) continue;
        std::string name = word.substr(begin, word.find('=') - begin);
        if (name == o.entity_default.name()) names.emplace_back();
        if (name == o.entity_name.name() && next < values.size()) names.push_back(values[next++]);
    }
    return names;
}

Entities read_entities(const Options& o, const jopt::OptionSet& given, const Args& args) {
    Entities entities{.types = given.texts(o.entity_type), .names = typed_names(o, given, args)};
    for (const auto& [option, type] : name_flags(o)) {
        if (!given.has(*option)) continue;
        entities.types.emplace_back(type);
        entities.names.push_back(given.text_or_empty(*option));
    }
    for (const auto& [option, type] : default_flags(o)) {
        if (!given.has(*option)) continue;
        entities.types.emplace_back(type);
        entities.names.emplace_back();
    }
    return entities;
}

bool has_type(const Entities& entities, std::string_view type) {
    return std::ranges::find(entities.types, type) != entities.types.end();
}

std::string types_text(const Entities& entities) {
    return kafka::joined(entities.types, ",");
}

void check_types(const Options& o, const jopt::OptionSet& given, const Entities& entities) {
    std::set<std::string> seen;
    std::vector<std::string> twice;
    for (const std::string& type : entities.types) {
        if (!seen.insert(type).second) twice.push_back(type);
    }
    if (!twice.empty()) {
        throw_illegal_argument("Duplicate entity type(s) specified: " + kafka::joined(twice, ","));
    }
    if (!given.has(o.bootstrap_server) && !given.has(o.bootstrap_controller)) {
        throw_illegal_argument(
            "Either --bootstrap-server or --bootstrap-controller must be specified.");
    }
    for (const std::string& type : entities.types) {
        if (std::ranges::find(known_types, type) != known_types.end()) continue;
        std::string names;
        for (std::string_view known : known_types) {
            names += (names.empty() ? "" : ", ") + std::string(known);
        }
        throw_illegal_argument("Invalid entity type " + type +
                               ", the entity type must be one of " + names +
                               " with a --bootstrap-server or --bootstrap-controller argument");
    }
    if (entities.types.empty()) {
        throw_illegal_argument("At least one entity type must be specified");
    }
    std::set<std::string> together{std::string(entity::users), std::string(entity::clients)};
    if (entities.types.size() > 1 && seen != together) {
        throw_illegal_argument(
            "Only 'users' and 'clients' entity types may be specified together");
    }
    bool by_flag = false;
    for (const auto& flags : {name_flags(o), default_flags(o)}) {
        for (const auto& [option, type] : flags) by_flag = by_flag || given.has(*option);
    }
    if (by_flag && (given.has(o.entity_name) || given.has(o.entity_type) ||
                    given.has(o.entity_default))) {
        throw_illegal_argument("--entity-{type,name,default} should not be used in conjunction "
                               "with specific entity flags");
    }
}

void check_names(const Options& o, const jopt::OptionSet& given, const Entities& entities) {
    if (given.has(o.bootstrap_server) && given.has(o.bootstrap_controller)) {
        throw_illegal_argument(
            "Only one of --bootstrap-server or --bootstrap-controller can be specified");
    }
    bool has_name = std::ranges::any_of(entities.names, [](auto& name) { return !name.empty(); });
    if (!has_name) return;
    auto values = [&](std::initializer_list<const Option*> options) {
        std::vector<std::string> all;
        for (const Option* option : options) {
            if (given.has(*option)) all.push_back(given.text_or_empty(*option));
        }
        return all;
    };
    std::string prefix = "The entity name for " + entities.types.front() + " must be a valid ";
    if (has_type(entities, entity::brokers) || has_type(entities, entity::broker_loggers)) {
        for (const std::string& id : values({&o.entity_name, &o.broker, &o.broker_logger})) {
            try {
                parse_int_or_throw(id);
            } catch (const kafka::KafkaException&) {
                throw_illegal_argument(prefix + "integer broker id, but it is: " + id);
            }
        }
    }
    if (has_type(entities, entity::ips)) {
        for (const std::string& ip : values({&o.entity_name, &o.ip})) {
            if (!kafka::resolve({ip, 0}).empty()) continue;
            throw_illegal_argument(prefix + "IP or resolvable host, but it is: " + ip);
        }
    }
}

/// Whether there is a default entity of this type.
bool can_be_default(const Entities& entities) {
    return has_type(entities, entity::users) || has_type(entities, entity::clients) ||
           has_type(entities, entity::brokers) || has_type(entities, entity::ips);
}

void check_describe(const Options& o, const jopt::OptionSet& given, const Entities& entities,
                    bool has_name) {
    if (!can_be_default(entities) && given.has(o.entity_default)) {
        throw_illegal_argument("--entity-default must not be specified with --describe of " +
                               types_text(entities));
    }
    if (has_type(entities, entity::broker_loggers) && !has_name) {
        throw_illegal_argument("An entity name must be specified with --describe of " +
                               types_text(entities));
    }
}

void check_alter(const Options& o, const jopt::OptionSet& given, const Entities& entities,
                 bool has_name, bool has_default) {
    const bool can_default = can_be_default(entities);
    if (can_default && !has_name && !has_default) {
        throw_illegal_argument("An entity-name or default entity must be specified with --alter "
                               "of users, clients, brokers or ips");
    }
    if (!can_default && !has_name) {
        throw_illegal_argument("An entity name must be specified with --alter of " +
                               types_text(entities));
    }
    if (given.has(o.add_config) && given.has(o.add_config_file)) {
        throw_illegal_argument("Only one of --add-config or --add-config-file must be specified");
    }
    if (!given.has(o.add_config) && !given.has(o.add_config_file) &&
        !given.has(o.delete_config)) {
        throw_illegal_argument("At least one of --add-config, --add-config-file, or "
                               "--delete-config must be specified with --alter");
    }
}

void check(Streams& io, const Options& o, const jopt::OptionSet& given, const Entities& entities) {
    if (given.has(o.alter) == given.has(o.describe)) {
        print_usage_and_exit(io, o.parser,
                             "Command must include exactly one action: --describe, --alter");
    }
    check_invalid_args(io, o.parser, given, o.describe, {&o.add_config, &o.delete_config});
    check_types(o, given, entities);
    check_names(o, given, entities);
    auto is_empty = [](const std::string& name) { return name.empty(); };
    bool has_default = std::ranges::any_of(entities.names, is_empty);
    bool has_name = !std::ranges::all_of(entities.names, is_empty);
    if (given.has(o.describe)) check_describe(o, given, entities, has_name);
    else check_alter(o, given, entities, has_name, has_default);
}

ConfigChanges read_changes(const Options& o, const jopt::OptionSet& given) {
    ConfigChanges changes;
    if (auto path = given.text(o.add_config_file)) {
        kafka::ClientProperties file = load_properties_or_throw(path);
        for (const auto& [name, value] : file.values()) {
            changes.added[name] = value;
        }
    }
    if (auto text = given.text(o.add_config)) {
        for (auto& [name, value] : parse_added_configs(*text)) changes.added[name] = value;
    }
    check_config_names(changes.added);
    for (const std::string& name : given.texts(o.delete_config)) {
        size_t begin = name.find_first_not_of(" \t");
        size_t end = name.find_last_not_of(" \t");
        changes.deleted.push_back(begin == std::string::npos
                                      ? ""
                                      : name.substr(begin, end - begin + 1));
    }
    return changes;
}

int execute(const Args& args, Streams& io) {
    Options o;
    jopt::OptionSet given = o.parser.parse(args);
    print_help_or_version(io, o.parser, given,
                          "This tool helps to manipulate and describe entity config for a topic, "
                          "client, user, broker, ip, client-metrics or group");
    Entities entities = read_entities(o, given, args);
    check(io, o, given, entities);
    kafka::ClientProperties properties = load_properties_or_throw(given.text(o.command_config));
    set_bootstrap(io, o.parser, given, properties, o.bootstrap_server, o.bootstrap_controller);
    auto admin = make_admin(io, properties);
    if (given.has(o.describe)) {
        return describe_configs_of(io, *admin,
                                   {.entities = entities,
                                    .all = given.has(o.all),
                                    .format = output_format(given, o.output)});
    }
    if (entities.types.size() != entities.names.size()) {
        throw_illegal_argument("An entity name must be specified for every entity type");
    }
    alter_configs(io, *admin, entities, read_changes(o, given));
    return 0;
}

/// The kinds of wrong input of which upstream prints the message alone.
bool is_plain(const kafka::Failure& failure) {
    return failure.is("UnsupportedVersionException") || failure.is("IllegalArgumentException") ||
           failure.is("NumberFormatException") || failure.is("InvalidConfigurationException") ||
           failure.exception.starts_with("joptsimple.");
}

}  // namespace

int run_configs(const Args& args, Streams& io) {
    try {
        return execute(args, io);
    } catch (const kafka::KafkaException& thrown) {
        const kafka::Failure& failure = thrown.failure();
        if (is_plain(failure)) {
            io.err.line(failure.text());
            return 1;
        }
        io.err.line("Error while executing config command with args '" +
                    kafka::joined(args, " ") + "'");
        io.err.write(stack_trace(failure));
        return 1;
    }
}

}  // namespace stoker::cli
