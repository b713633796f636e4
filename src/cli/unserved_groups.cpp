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

void refuse_unserved(kafka::Admin& admin, const std::string& group, const UnservedApi& api,
                     kafka::CallOptions call) {
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

void print_unserved_failure(Streams& io, const jopt::Parser& parser, const GroupKind& kind,
                            const kafka::Failure& failure) {
    if (failure.exception == illegal_argument_class) {
        print_usage_and_exit(io, parser, failure.text());
    }
    io.out.line("\nError: Executing " + kind.word + " group command failed due to " +
                failure.text());
    io.err.write(stack_trace(failure));
}

}  // namespace stoker::cli
