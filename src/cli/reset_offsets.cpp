#include "cli/reset_offsets.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>

#include "cli/admin_tool.hpp"
#include "cli/failures.hpp"
#include "cli/jackson_csv.hpp"
#include "cli/java_number.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

using kafka::Failure;
using kafka::KafkaException;
using kafka::TopicPartition;

constexpr std::string_view logger = "org.apache.kafka.tools.OffsetsUtils";

std::vector<std::string> topics_of(const Partitions& partitions) {
    std::set<std::string> topics;
    for (const TopicPartition& where : partitions) topics.insert(where.topic);
    return {topics.begin(), topics.end()};
}

std::string joined(const Partitions& partitions) {
    std::vector<std::string> names;
    for (const TopicPartition& where : partitions) names.push_back(to_string(where));
    return kafka::joined(names, ",");
}

/// One line of a plan.
struct PlanRow {
    std::string group;
    TopicPartition where;
    int64_t offset = 0;
};

Failure not_a_number(std::string_view type, const std::string& text) {
    const std::string name(type);
    return {.exception = "com.fasterxml.jackson.databind.exc.InvalidFormatException",
            .message = "Cannot deserialize value of type `" + name + "` from String \"" + text +
                       "\": not a valid `" + name + "` value"};
}

/// Values that are missing at the end of a line are 0, as in a fresh Java object.
kafka::Outcome<PlanRow> parse_row(const std::string& line, bool with_group) {
    std::vector<std::string> values = split_csv_line(line);
    if (!with_group) values.insert(values.begin(), "");
    PlanRow row{.group = values[0]};
    if (values.size() > 1) row.where.topic = values[1];
    if (values.size() > 2) {
        const auto partition = parse_java_int(values[2]);
        if (!partition) return kafka::failed(not_a_number("int", values[2]));
        row.where.partition = static_cast<int32_t>(*partition);
    }
    if (values.size() > 3) {
        const auto offset = parse_java_long(values[3]);
        if (!offset) return kafka::failed(not_a_number("long", values[3]));
        row.offset = *offset;
    }
    constexpr size_t columns = 4;
    if (values.size() > columns) {
        return kafka::failed({.exception = "com.fasterxml.jackson.dataformat.csv.CsvReadException",
                              .message = "Too many entries: expected at most " +
                                         std::to_string(with_group ? columns : columns - 1) +
                                         " (value #" +
                                         std::to_string(with_group ? columns : columns - 1) + " (" +
                                         std::to_string(values[columns].size()) + " chars) \"" +
                                         values[columns] + "\")"});
    }
    return row;
}

std::string read_plan(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (file) return {std::istreambuf_iterator<char>(file), {}};
    const Failure cause{.exception = "java.nio.file.NoSuchFileException", .message = path};
    throw KafkaException(runtime_failure({.exception = "java.io.IOException",
                                          .message = "Unable to read file " + path,
                                          .cause = std::make_shared<const Failure>(cause)}));
}

}  // namespace

OffsetPlan in_plan_order(OffsetPlan plan) {
    const size_t table = kafka::grown_table(plan.size());
    return kafka::in_hash_order(
        std::move(plan),
        [](const auto& entry) {
            return kafka::java_hash(entry.first.topic, entry.first.partition);
        },
        table);
}

Partitions ResetOffsets::parse_partitions(const std::string& text) {
    const std::vector<std::string> parts = kafka::java_split(text, ':');
    if (parts.size() != 2) {
        throw_illegal_argument("Invalid topic arg '" + text +
                               "', expected topic name and partitions");
    }
    Partitions partitions;
    for (const std::string& word : kafka::java_split(parts[1], ',')) {
        const auto number = parse_java_int(word);
        if (!number) {
            throw_illegal_argument("Invalid partition '" + word + "' specified in topic arg '" +
                                   text + "''");
        }
        partitions.push_back({parts[0], static_cast<int32_t>(*number)});
    }
    return partitions;
}

Partitions ResetOffsets::partitions_of(const std::vector<std::string>& topics) const {
    Partitions partitions;
    std::vector<std::string> whole;
    for (const std::string& topic : topics) {
        if (topic.find(':') == std::string::npos) {
            whole.push_back(topic);
            continue;
        }
        const Partitions some = parse_partitions(topic);
        partitions.insert(partitions.end(), some.begin(), some.end());
    }
    if (whole.empty()) return partitions;
    for (auto& topic : value_or_throw(kafka::describe_topics(admin_, whole, 2000, call_))) {
        const auto description = value_or_throw(std::move(topic));
        for (const auto& partition : description.partitions) {
            partitions.push_back({description.name, partition.partition});
        }
    }
    return partitions;
}

void ResetOffsets::check(const Partitions& partitions) const {
    if (partitions.empty()) return;
    std::map<TopicPartition, bool> has_leader;
    for (auto& topic :
         value_or_throw(kafka::describe_topics(admin_, topics_of(partitions), 2000, call_))) {
        if (!topic) throw KafkaException(runtime_failure(execution_failure(topic.error())));
        for (const auto& partition : topic->partitions) {
            has_leader[{topic->name, partition.partition}] = partition.leader >= 0;
        }
    }
    Partitions missing;
    Partitions without_leader;
    for (const TopicPartition& where : partitions) {
        const auto found = has_leader.find(where);
        if (found == has_leader.end()) missing.push_back(where);
        if (found != has_leader.end() && !found->second) without_leader.push_back(where);
    }
    if (!missing.empty()) {
        throw KafkaException(
            kafka::client_failure("UnknownTopicOrPartitionException",
                                  "The partitions \"" + joined(missing) + "\" do not exist"));
    }
    if (without_leader.empty()) return;
    throw KafkaException(
        kafka::client_failure("LeaderNotAvailableException",
                              "The partitions \"" + joined(without_leader) + "\" have no leader"));
}

std::map<TopicPartition, int64_t> ResetOffsets::offsets_at(const Partitions& partitions,
                                                           int64_t timestamp) const {
    std::map<TopicPartition, int64_t> wanted;
    for (const TopicPartition& where : partitions) wanted[where] = timestamp;
    std::map<TopicPartition, int64_t> offsets;
    if (wanted.empty()) return offsets;
    for (auto& [where, outcome] : kafka::list_offsets(admin_, wanted, false, call_)) {
        if (!outcome) throw KafkaException(runtime_failure(execution_failure(outcome.error())));
        offsets[where] = outcome->offset;
    }
    return offsets;
}

OffsetPlan ResetOffsets::within_range(const OffsetPlan& wanted) const {
    Partitions partitions;
    for (const auto& [where, offset] : wanted) partitions.push_back(where);
    const auto starts = offsets_at(partitions, kafka::earliest_offset);
    const auto ends = offsets_at(partitions, kafka::latest_offset);
    const auto warn = [&](const TopicPartition& where, int64_t offset, std::string_view how,
                          int64_t to) {
        io_.log.warn("New offset (" + std::to_string(offset) + ") is " + std::string(how) +
                         " offset for topic partition " + to_string(where) +
                         ". Value will be set to " + std::to_string(to),
                     logger);
        return to;
    };
    OffsetPlan plan;
    for (auto [where, offset] : in_plan_order(wanted)) {
        if (offset > ends.at(where)) {
            offset = warn(where, offset, "higher than latest", ends.at(where));
        } else if (offset < starts.at(where)) {
            offset = warn(where, offset, "lower than earliest", starts.at(where));
        }
        plan.emplace_back(where, offset);
    }
    return in_plan_order(std::move(plan));
}

OffsetPlan ResetOffsets::to_offset(const Partitions& partitions, int64_t offset) const {
    OffsetPlan plan;
    for (const TopicPartition& where : partitions) plan.emplace_back(where, offset);
    return within_range(plan);
}

OffsetPlan ResetOffsets::to_earliest(const Partitions& partitions) const {
    const auto offsets = offsets_at(partitions, kafka::earliest_offset);
    return in_plan_order({offsets.begin(), offsets.end()});
}

OffsetPlan ResetOffsets::to_latest(const Partitions& partitions) const {
    const auto offsets = offsets_at(partitions, kafka::latest_offset);
    return in_plan_order({offsets.begin(), offsets.end()});
}

OffsetPlan ResetOffsets::shift_by(const Partitions& partitions, const CommittedOffsets& current,
                                  int64_t by) const {
    OffsetPlan plan;
    for (const TopicPartition& where : partitions) {
        const auto found = current.find(where);
        if (found == current.end()) {
            throw_illegal_argument("Cannot shift offset for partition " + to_string(where) +
                                   " since there is no current committed offset");
        }
        // Java's long wraps around; no offset is near its ends.
        int64_t offset = 0;
        if (__builtin_add_overflow(found->second.offset, by, &offset)) {
            offset = by < 0 ? INT64_MAX : INT64_MIN;
        }
        plan.emplace_back(where, offset);
    }
    return within_range(plan);
}

OffsetPlan ResetOffsets::to_time(const Partitions& partitions, int64_t wall_ms) const {
    auto found = offsets_at(partitions, wall_ms);
    Partitions without;
    for (const auto& [where, offset] : found) {
        if (offset < 0) without.push_back(where);
    }
    const auto ends = offsets_at(without, kafka::latest_offset);
    OffsetPlan late;
    for (const auto& [where, offset] : ends) late.emplace_back(where, offset);
    for (const auto& [where, offset] : in_plan_order(std::move(late))) {
        io_.out.write("\nWarn: Partition " + std::to_string(where.partition) + " from topic " +
                      where.topic + " is empty. Falling back to latest known offset.\n");
        found[where] = offset;
    }
    return in_plan_order({found.begin(), found.end()});
}

OffsetPlan ResetOffsets::to_current(const Partitions& partitions,
                                    const CommittedOffsets& current) const {
    OffsetPlan plan;
    Partitions without;
    for (const TopicPartition& where : partitions) {
        const auto found = current.find(where);
        if (found == current.end()) {
            without.push_back(where);
        } else {
            plan.emplace_back(where, found->second.offset);
        }
    }
    for (const auto& [where, offset] : offsets_at(without, kafka::latest_offset)) {
        plan.emplace_back(where, offset);
    }
    return in_plan_order(std::move(plan));
}

OffsetPlan ResetOffsets::from_file(const std::string& path, const std::vector<std::string>& groups,
                                   const std::string& group) const {
    std::vector<std::string> lines = kafka::java_split(read_plan(path), '\n');
    std::erase(lines, "");
    bool without_group = false;
    if (!lines.empty()) {
        const auto first = parse_row(lines[0], false);
        without_group = first.has_value();
        // Upstream reads the file twice, and complains twice.
        for (int i = 0; !first && i < 2; ++i) io_.err.write(stack_trace(first.error()));
    }
    const bool named = !without_group || groups.size() != 1;
    OffsetPlan plan;
    for (const std::string& line : lines) {
        auto row = parse_row(line, named);
        if (!row) throw KafkaException(runtime_failure(row.error()));
        if (named && row->group != group) continue;
        const auto same = [&](const auto& entry) { return entry.first == row->where; };
        std::erase_if(plan, same);
        plan.emplace_back(row->where, row->offset);
    }
    if (!plan.empty()) return within_range(plan);
    io_.out.line("\nError: No reset plan for group " + group + " found");
    return {};
}

void print_plans(Writer& out, const GroupPlans& plans) {
    size_t group_width = 15;
    size_t topic_width = 15;
    for (const auto& [group, plan] : plans) {
        group_width = std::max(group_width, kafka::java_length(group));
        for (const auto& [where, offset] : plan) {
            topic_width = std::max(topic_width, kafka::java_length(where.topic));
        }
    }
    const std::string format =
        "\n%-" + std::to_string(group_width) + "s %-" + std::to_string(topic_width) + "s %-10s %s";
    if (!plans.empty()) {
        out.write(kafka::java_format(format, {"GROUP", "TOPIC", "PARTITION", "NEW-OFFSET"}));
    }
    for (const auto& [group, plan] : plans) {
        for (const auto& [where, offset] : plan) {
            out.write(kafka::java_format(
                format,
                {group, where.topic, std::to_string(where.partition), std::to_string(offset)}));
        }
    }
    out.line();
}

std::string plans_to_csv(const GroupPlans& plans, bool with_group) {
    std::string text;
    for (const auto& [group, plan] : plans) {
        for (const auto& [where, offset] : plan) {
            std::vector<std::string> values = {where.topic, std::to_string(where.partition),
                                               std::to_string(offset)};
            if (with_group) values.insert(values.begin(), group);
            text += jackson_csv_line(values);
        }
    }
    return text;
}

}  // namespace stoker::cli
