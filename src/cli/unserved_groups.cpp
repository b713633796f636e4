#include "cli/unserved_groups.hpp"

#include <algorithm>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/group_words.hpp"
#include "cli/usage.hpp"
#include "kafka/group_admin.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {

using kafka::KafkaException;

namespace {

/// `states` is the value of --state, which was given when `with_states`.
void list_unserved_groups(Streams& io, kafka::Admin& admin, const GroupKind& kind, bool with_states,
                          std::string_view states, std::optional<OutputFormat> format,
                          kafka::CallOptions call) {
    const Words words = words_of(states, kind.states);
    if (!words.good) {
        throw_illegal_argument("Invalid state list '" + std::string(states) +
                               "'. Valid states are: " + kafka::joined(kind.states, ", "));
    }
    const auto groups = kafka::find_groups(
        admin, {.states = words.found, .types = {kind.type}, .protocol_types = std::nullopt}, call);
    if (!groups) throw KafkaException(runtime_failure(execution_failure(groups.error())));
    Listing listing{.columns = {"group", "state"}, .rows = {}};
    size_t width = 15;
    for (const auto& group : *groups) {
        listing.rows.push_back({group.group_id, known(group.group_state)});
        width = std::max(width, kafka::java_length(group.group_id));
    }
    if (format) return print_listing(io.out, *format, listing);
    const std::string pattern = "%-" + std::to_string(width) + "s %s";
    if (with_states) io.out.line(kafka::java_format(pattern, {"GROUP", "STATE"}));
    for (const auto& group : *groups) {
        io.out.line(with_states
                        ? kafka::java_format(pattern, {group.group_id, known(group.group_state)})
                        : group.group_id);
    }
}

[[noreturn]] void refuse_unserved(kafka::Admin& admin, const std::string& group,
                                  const UnservedApi& api, kafka::CallOptions call) {
    const auto deadline = admin.cluster().deadline(*call.timeout_ms);
    const int32_t node =
        value_or_throw(admin.cluster().coordinator(kafka::CoordinatorType::group, group, deadline));
    const kafka::Connection* connection = value_or_throw(admin.cluster().node(node, deadline));
    const bool has = std::ranges::any_of(connection->peer().api_keys,
                                         [&](const auto& one) { return one.api_key == api.key; });
    throw KafkaException(execution_failure(kafka::failure_of(
        ErrorCode::unsupported_version,
        has ? "This tool does not speak " + std::string(api.name) + "; Apache Kafka's own does"
            : "The node does not support " + std::string(api.name))));
}

/// Upstream's end: the error on standard output, the trace on standard error.
void print_unserved_failure(Streams& io, const jopt::Parser& parser, const GroupKind& kind,
                            const kafka::Failure& failure) {
    if (failure.exception == illegal_argument_class) {
        print_usage_and_exit(io, parser, failure.text());
    }
    io.out.line("\nError: Executing " + kind.word + " group command failed due to " +
                failure.text());
    io.err.write(stack_trace(failure));
}

void act(Streams& io, const UnservedGroupOptions& from, const jopt::OptionSet& options,
         const UnservedApi& api) {
    kafka::ClientProperties properties =
        load_properties_or_throw(options.text(from.command_config));
    properties.set("bootstrap.servers", *options.text(from.bootstrap_server));
    const auto admin = make_admin(io, properties);
    const kafka::CallOptions call{.timeout_ms = *options.number(from.timeout)};
    if (options.has(from.list)) {
        return list_unserved_groups(io, *admin, from.kind, options.has(from.state),
                                    options.text_or_empty(from.state),
                                    output_format(options, from.output), call);
    }
    refuse_unserved(*admin, options.has(from.group) ? options.texts(from.group).front() : "", api,
                    call);
}

}  // namespace

void check_unserved_groups(Streams& io, const UnservedGroupOptions& from,
                           const jopt::OptionSet& options, std::string_view about) {
    const auto has = [&](const jopt::Option& option) { return options.has(option); };
    const auto refuse = [&](const std::string& why) { print_usage_and_exit(io, from.parser, why); };
    print_help_or_version(io, from.parser, options, about);
    check_required_args(io, from.parser, options, {&from.bootstrap_server});
    if (!has(from.describe)) return;
    if (!has(from.group) && !has(from.all_groups)) {
        refuse("Option [describe] takes one of these options: [all-groups], [group]");
    }
    if (has(from.members) + has(from.offsets) + has(from.state) > 1) {
        refuse(
            "Option [describe] takes at most one of these options: [members], [offsets], "
            "[state]");
    }
    if (has(from.state) && options.text(from.state)) {
        refuse("Option [describe] does not take a value for [state]");
    }
}

int count_actions(const UnservedGroupOptions& from, const jopt::OptionSet& options) {
    return options.has(from.list) + options.has(from.describe) + options.has(from.remove) +
           options.has(from.reset_offsets) + options.has(from.delete_offsets);
}

int run_unserved_groups(Streams& io, const UnservedGroupOptions& from,
                        const jopt::OptionSet& options, const UnservedApi& api,
                        int failure_status) {
    try {
        act(io, from, options, api);
    } catch (const KafkaException& thrown) {
        print_unserved_failure(io, from.parser, from.kind, thrown.failure());
        return failure_status;
    }
    return 0;
}

}  // namespace stoker::cli
