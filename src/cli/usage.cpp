#include "cli/usage.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>

#include "kafka/java_text.hpp"
#include "storage/properties_file.hpp"

namespace stoker::cli {

using kafka::Failure;

namespace {

std::string named(const OptionList& options) {
    std::vector<std::string> names;
    for (const jopt::Option* option : options) names.push_back(option->to_string());
    return kafka::java_list(names);
}

}  // namespace

void print_usage_and_exit(Streams& io, const jopt::Parser& parser, std::string_view message) {
    io.err.line(message);
    io.err.write(parser.help());
    throw Exit{1};
}

void print_help_or_version(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                           std::string_view about) {
    if (options.empty_command_line() || options.has(parser.help_option())) {
        print_usage_and_exit(io, parser, about);
    }
    if (options.has(parser.version_option())) {
        io.out.line(kafka_version);
        io.out.flush();
        throw Exit{0};
    }
}

void check_required_args(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                         const OptionList& required) {
    for (const jopt::Option* option : required) {
        if (options.has(*option)) continue;
        print_usage_and_exit(io, parser,
                             "Missing required argument \"" + option->to_string() + "\"");
    }
}

void check_invalid_args(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                        const jopt::Option& used, const OptionList& invalid) {
    if (!options.has(used)) return;
    for (const jopt::Option* option : invalid) {
        if (!options.has(*option)) continue;
        print_usage_and_exit(io, parser,
                             "Option \"" + used.to_string() + "\" can't be used with option \"" +
                                 option->to_string() + "\"");
    }
}

void check_invalid_args_set(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                            const OptionList& used, const OptionList& invalid,
                            std::string_view reason) {
    const auto given = [&](const jopt::Option* option) { return options.has(*option); };
    if (!std::ranges::all_of(used, given)) return;
    for (const jopt::Option* option : invalid) {
        if (!given(option)) continue;
        print_usage_and_exit(io, parser,
                             "Option combination \"" + named(used) +
                                 "\" can't be used with option \"" + option->to_string() + "\"" +
                                 std::string(reason));
    }
}

void check_one_of_args(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                       const OptionList& candidates) {
    const auto given = [&](const jopt::Option* option) { return options.has(*option); };
    if (std::ranges::count_if(candidates, given) == 1) return;
    std::string names = named(candidates);
    names = names.substr(1, names.size() - 2);
    print_usage_and_exit(io, parser,
                         "Exactly one of the following arguments is required: " + names);
}

kafka::Outcome<std::vector<std::pair<std::string, std::string>>> parse_key_values(
    const std::vector<std::string>& words, bool accept_missing_value) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const std::string& word : words) {
        const size_t equals = word.find('=');
        const std::string key = word.substr(0, equals);
        const std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (value.empty() && !accept_missing_value) {
            return kafka::failed(Failure{.exception = "java.lang.IllegalArgumentException",
                                         .message = "Missing value for key " + key + "}"});
        }
        pairs.emplace_back(key, value);
    }
    return pairs;
}

kafka::Outcome<kafka::ClientProperties> load_properties(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        const bool denied = errno == EACCES;
        return kafka::failed(Failure{.exception = denied ? "java.nio.file.AccessDeniedException"
                                                         : "java.nio.file.NoSuchFileException",
                                     .message = path});
    }
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto read = storage::parse_properties(text);
    if (!read) {
        return kafka::failed(Failure{.exception = "java.lang.IllegalArgumentException",
                                     .message = path + ": " + read.error()});
    }
    kafka::ClientProperties properties;
    for (const auto& [key, value] : read->entries()) properties.set(key, value);
    return properties;
}

kafka::ClientProperties load_properties_or_throw(const std::optional<std::string>& path) {
    if (!path) return {};
    return kafka::value_or_throw(load_properties(*path));
}

void set_bootstrap(kafka::ClientProperties& properties, const std::optional<std::string>& servers,
                   const std::optional<std::string>& controllers) {
    properties.erase(servers ? "bootstrap.controllers" : "bootstrap.servers");
    if (servers) properties.set("bootstrap.servers", *servers);
    else properties.set("bootstrap.controllers", controllers.value_or(""));
}

void set_bootstrap(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                   kafka::ClientProperties& properties, const jopt::Option& servers,
                   const jopt::Option& controllers) {
    const bool has_servers = options.has(servers);
    const bool has_controllers = options.has(controllers);
    if (has_servers && has_controllers) {
        print_usage_and_exit(
            io, parser, "You cannot specify both --bootstrap-controller and --bootstrap-server.");
    }
    if (!has_servers && !has_controllers) {
        print_usage_and_exit(
            io, parser, "You must specify either --bootstrap-controller or --bootstrap-server.");
    }
    set_bootstrap(properties, options.text(servers), options.text(controllers));
}

}  // namespace stoker::cli
