// What the tools with a producer or a consumer have in common: options that become client
// properties, and failures as Java's log shows them.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/argparse.hpp"
#include "cli/jopt.hpp"
#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

/// CommandLineUtils.maybeMergeOptions: the option when it is given, else what the properties have,
/// else the option's default.
void merge_option(kafka::ClientProperties& properties, std::string name,
                  const jopt::OptionSet& options, const jopt::Option& option);

/// Ends with the usage when both are given.
void refuse_both(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                 const jopt::Option& one, const jopt::Option& other);
/// Where the older option is given, says so. `head` is how the tool's line begins: "Option " of
/// those that consume, "Warning: " of those that produce.
void warn_deprecated(Streams& io, std::string_view head, const jopt::OptionSet& options,
                     const jopt::Option& before, const jopt::Option& now);

/// ToolsUtils.validateBootstrapServer: ends with the usage.
void validate_bootstrap(Streams& io, const jopt::Parser& parser, std::string_view servers);

/// The `key=value` words of an option, and the file before them; throws KafkaException.
kafka::ClientProperties read_properties(const jopt::OptionSet& options, const jopt::Option& file,
                                        const jopt::Option& words);

/// The properties in the file of `now`, or of `before`, which it replaces and which says so. Both
/// at once and a file that cannot be read are ParseErrors.
kafka::ClientProperties read_config_file(Streams& io, const argparse::Parser& parser,
                                         const argparse::Namespace& given,
                                         const argparse::Argument& before,
                                         const argparse::Argument& now);

/// The main of upstream's verifiable tools: without arguments the help and 0, after a ParseError
/// the usage and 1.
int run_or_usage(const argparse::Parser& parser, const Args& args, Streams& io,
                 const std::function<int(const argparse::Namespace&)>& run);

/// LOG.error(text, exception): the line, then the exception with its causes.
void log_failure(Streams& io, std::string_view text, std::string_view logger,
                 const kafka::Failure& failure);

/// Parses, or ends with the usage.
jopt::OptionSet parse_or_usage(Streams& io, const jopt::Parser& parser, const Args& args);

}  // namespace stoker::cli
