#include "cli/streams_reset_parts.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <vector>

#include "cli/admin_tool.hpp"
#include "cli/java_number.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::TopicPartition;

/// "foo-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-0000000014-topic"
bool is_join_topic(std::string_view name, std::string_view kind) {
    constexpr std::string_view end = "-topic";
    const size_t at = name.find(kind);
    if (at == 0 || at == std::string_view::npos || !name.ends_with(end)) return false;
    name.remove_suffix(end.size());
    const std::string_view number = name.substr(std::min(at + kind.size(), name.size()));
    return !number.empty() &&
           std::ranges::all_of(number, [](unsigned char c) { return std::isdigit(c) != 0; });
}

std::string assigned(const std::vector<TopicPartition>& partitions) {
    std::vector<std::string> names;
    for (const auto& where : in_grown_map_order(partitions)) names.push_back(to_string(where));
    return "(topicPartitions=" + kafka::joined(names, ",") + ")";
}

}  // namespace

bool is_streams_internal_topic(std::string_view name) {
    return name.ends_with("-changelog") || name.ends_with("-repartition") ||
           name.ends_with("-subscription-registration-topic") ||
           name.ends_with("-subscription-response-topic") ||
           is_join_topic(name, "-KTABLE-FK-JOIN-SUBSCRIPTION-REGISTRATION-") ||
           is_join_topic(name, "-KTABLE-FK-JOIN-SUBSCRIPTION-RESPONSE-");
}

OffsetPlan parse_reset_plan(const std::string& csv) {
    const auto fail = [](const std::string& why) { throw_java("java.text.ParseException", why); };
    if (csv.empty()) fail("Error parsing reset plan CSV file. It is empty,");
    std::map<TopicPartition, int64_t> offsets;
    for (const std::string& line : kafka::java_split(csv, '\n')) {
        const std::vector<std::string> parts = kafka::java_split(line, ',');
        if (parts.size() != 3) {
            fail("Reset plan CSV file is not following the format `TOPIC,PARTITION,OFFSET`.");
        }
        const auto offset = parse_java_long(parts[2]);
        const int32_t partition = parse_int_or_throw(parts[1]);
        if (!offset) throw_java("java.lang.NumberFormatException", offset.error());
        offsets[{parts[0], partition}] = *offset;
    }
    return in_plan_order({offsets.begin(), offsets.end()});
}

std::string member_text(const kafka::MemberDescription& member, bool is_new_protocol) {
    const auto word = [](bool value) { return value ? "true" : "false"; };
    return "(memberId=" + member.id + ", groupInstanceId=" + member.instance_id.value_or("null") +
           ", rackId=" + member.rack_id.value_or("null") + ", clientId=" + member.client_id +
           ", host=" + member.host + ", assignment=" + assigned(member.assignment) +
           ", targetAssignment=" +
           (is_new_protocol ? "Optional[" + assigned(member.target_assignment) + "]"
                            : std::string("Optional.empty")) +
           ", memberEpoch=" + (member.epoch ? std::to_string(*member.epoch) : "null") +
           ", upgraded=" + (member.upgraded ? word(*member.upgraded) : "null") + ")";
}

}  // namespace stoker::cli
