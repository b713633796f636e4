#include "cli/client_tool.hpp"

#include "cli/usage.hpp"
#include "kafka/endpoint.hpp"

namespace stoker::cli {

using kafka::ClientProperties;

void merge_option(ClientProperties& properties, std::string name, const jopt::OptionSet& options,
                  const jopt::Option& option) {
    const std::optional<std::string> value = options.text(option);
    if (!value) return;
    if (options.has(option)) properties.set(std::move(name), *value);
    else properties.set_default(std::move(name), *value);
}

void refuse_both(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                 const jopt::Option& one, const jopt::Option& other) {
    if (!options.has(one) || !options.has(other)) return;
    print_usage_and_exit(io, parser,
                         "Options --" + one.name() + " and --" + other.name() +
                             " cannot be specified together.");
}

void warn_deprecated(Streams& io, std::string_view head, const jopt::OptionSet& options,
                     const jopt::Option& before, const jopt::Option& now) {
    if (!options.has(before)) return;
    io.out.line(std::string(head) + "--" + before.name() +
                " is deprecated and will be removed in a future version. Use --" + now.name() +
                " instead.");
}

void validate_bootstrap(Streams& io, const jopt::Parser& parser, std::string_view servers) {
    if (servers.find_first_not_of(" \t") == std::string_view::npos) {
        print_usage_and_exit(io, parser, "Error while validating the bootstrap address\n");
    }
    for (;;) {
        const size_t comma = servers.find(',');
        if (!kafka::parse_host_port(servers.substr(0, comma))) {
            print_usage_and_exit(io, parser,
                                 "Please provide valid host:port like host1:9091,host2:9092\n");
        }
        if (comma == std::string_view::npos) return;
        servers.remove_prefix(comma + 1);
    }
}

ClientProperties read_properties(const jopt::OptionSet& options, const jopt::Option& file,
                                 const jopt::Option& words) {
    ClientProperties properties = load_properties_or_throw(options.text(file));
    auto pairs = kafka::value_or_throw(parse_key_values(options.texts(words)));
    for (auto& [name, value] : pairs) properties.set(std::move(name), std::move(value));
    return properties;
}

ClientProperties read_config_file(Streams& io, const argparse::Parser& parser,
                                  const argparse::Namespace& given,
                                  const argparse::Argument& before,
                                  const argparse::Argument& now) {
    const bool is_old = given.given(before);
    if (is_old && given.given(now)) {
        throw argparse::ParseError{&parser, "Options " + before.textual_name() + " and " +
                                                now.textual_name() + " are mutually exclusive."};
    }
    if (is_old) {
        io.out.line("Option " + before.textual_name() +
                    " has been deprecated and will be removed in a future version. Use " +
                    now.textual_name() + " instead.");
    }
    const auto path = given.text(is_old ? before : now);
    if (!path) return {};
    auto file = load_properties(*path);
    if (!file) throw argparse::ParseError{&parser, file.error().text()};
    return std::move(*file);
}

int run_or_usage(const argparse::Parser& parser, const Args& args, Streams& io,
                 const std::function<int(const argparse::Namespace&)>& run) {
    if (args.empty()) {
        io.out.write(parser.help());
        return 0;
    }
    try {
        return run(parser.parse(args, io));
    } catch (const argparse::ParseError& error) {
        argparse::Parser::print_error(io, error);
        return 1;
    }
}

void log_failure(Streams& io, std::string_view text, std::string_view logger,
                 const kafka::Failure& failure) {
    io.log.error(text, logger);
    io.err.write(stack_trace(failure));
}

jopt::OptionSet parse_or_usage(Streams& io, const jopt::Parser& parser, const Args& args) {
    try {
        return parser.parse(args);
    } catch (const kafka::KafkaException& thrown) {
        print_usage_and_exit(io, parser, thrown.failure().text());
    }
}

}  // namespace stoker::cli
