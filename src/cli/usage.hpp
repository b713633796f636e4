// What Java's CommandLineUtils does for the tools with joptsimple: help, version and the texts of
// wrong usage. What ends the program throws Exit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/jopt.hpp"
#include "cli/tool.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

using OptionList = std::vector<const jopt::Option*>;

/// The message and the help on standard error, status 1: wrong usage, and --help alike.
[[noreturn]] void print_usage_and_exit(Streams& io, const jopt::Parser& parser,
                                       std::string_view message);
/// --help or an empty command line; then --version.
void print_help_or_version(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                           std::string_view about);

void check_required_args(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                         const OptionList& required);
/// The first of `invalid` that is given beside `used` is named.
void check_invalid_args(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                        const jopt::Option& used, const OptionList& invalid);
/// The same for several options that are given together.
void check_invalid_args_set(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                            const OptionList& used, const OptionList& invalid,
                            std::string_view reason = {});
void check_one_of_args(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                       const OptionList& candidates);

/// `key=value` words; without "=" the value is empty, or, where that is not accepted, an
/// IllegalArgumentException.
kafka::Outcome<std::vector<std::pair<std::string, std::string>>> parse_key_values(
    const std::vector<std::string>& words, bool accept_missing_value = true);

/// Utils.loadProps: the file's properties; fails as Java does for a file that cannot be read.
kafka::Outcome<kafka::ClientProperties> load_properties(const std::string& path);
/// No path gives no properties.
kafka::ClientProperties load_properties_or_throw(const std::optional<std::string>& path);

/// The brokers, or the controllers, to connect to first; the other kind is taken out.
void set_bootstrap(kafka::ClientProperties& properties, const std::optional<std::string>& servers,
                   const std::optional<std::string>& controllers);
/// initializeBootstrapProperties: sets bootstrap.servers or bootstrap.controllers from the two
/// options, or ends with the usage.
void set_bootstrap(Streams& io, const jopt::Parser& parser, const jopt::OptionSet& options,
                   kafka::ClientProperties& properties, const jopt::Option& servers,
                   const jopt::Option& controllers);

}  // namespace stoker::cli
