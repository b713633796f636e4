#include "cli/reassignment_plan.hpp"

#include <algorithm>

#include "cli/admin_tool.hpp"
#include "cli/json_input.hpp"
#include "cli/jackson_text.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view any_log_dir = "any";
constexpr int32_t only_version = 1;

/// Where a text that ends too early ends, and the innermost bracket that was not closed; Jackson
/// tells both.
std::optional<std::string> end_of_input(const std::string& json) {
    struct Place {
        char bracket;
        size_t line;
        size_t column;
    };
    std::vector<Place> open;
    size_t line = 1;
    size_t column = 1;
    bool in_string = false;
    for (size_t i = 0; i < json.size(); ++i, ++column) {
        char c = json[i];
        if (in_string) {
            if (c == '\\') ++i, ++column;
            else if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            open.push_back({c, line, column});
        } else if ((c == '}' || c == ']') && !open.empty()) {
            open.pop_back();
        }
        if (c == '\n') ++line, column = 0;
    }
    if (open.empty() || in_string) return std::nullopt;
    std::string source =
        "[Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: ";
    auto place = [&](size_t at_line, size_t at_column) {
        return source + std::to_string(at_line) + ", column: " + std::to_string(at_column) + "]";
    };
    const Place& start = open.back();
    return std::string("Unexpected end-of-input: expected close marker for ") +
           (start.bracket == '{' ? "Object" : "Array") + " (start marker at " +
           place(start.line, start.column) + ")\n at " + place(line, column);
}

[[noreturn]] void refuse_json(const std::string& json) {
    kafka::Failure cause{.exception = "com.fasterxml.jackson.core.JsonParseException",
                         .message = "The input string is not a valid JSON"};
    if (auto end = end_of_input(json)) {
        cause = {.exception = "com.fasterxml.jackson.core.io.JsonEOFException", .message = *end};
    }
    throw kafka::KafkaException(
        kafka::Failure{.exception = std::string(operation_failed),
                       .message = cause.message,
                       .cause = std::make_shared<const kafka::Failure>(cause)});
}

void check_version(const JsonValue& json) {
    if (!json.is_object()) json_member(json, "version");
    if (!json.contains("version")) return;
    int32_t version = json_int(json["version"]);
    if (version == only_version) return;
    throw_java(operation_failed, "Not supported version field value " + std::to_string(version));
}

template <class T>
std::vector<T> doubles(const std::vector<T>& items) {
    std::set<T> seen;
    std::vector<T> twice;
    for (const T& item : items) {
        bool known = !seen.insert(item).second;
        if (known && std::ranges::find(twice, item) == twice.end()) twice.push_back(item);
    }
    return twice;
}

void parse_partition(const JsonValue& json, ReassignmentPlan& plan) {
    kafka::TopicPartition where{json_text(json_member(json, "topic")),
                                json_int(json_member(json, "partition"))};
    std::vector<int32_t> replicas;
    for (const JsonValue& id : json_array(json_member(json, "replicas"))) {
        replicas.push_back(json_int(id));
    }
    std::vector<std::string> log_dirs(replicas.size(), std::string(any_log_dir));
    if (json.contains("log_dirs")) {
        log_dirs.clear();
        for (const JsonValue& dir : json_array(json["log_dirs"])) {
            log_dirs.push_back(json_text(dir));
        }
    }
    if (replicas.size() != log_dirs.size()) {
        throw_java(command_failed, "Size of replicas list [" + joined_numbers(replicas, ", ") +
                                       "] is different from size of log dirs list " +
                                       kafka::java_list(log_dirs) + " for partition " +
                                       to_string(where));
    }
    for (size_t i = 0; i < log_dirs.size(); ++i) {
        if (log_dirs[i] != any_log_dir) plan.log_dirs[{replicas[i], where}] = log_dirs[i];
    }
    plan.partitions.emplace_back(std::move(where), std::move(replicas));
}

/// Racks take turns, so that neighbours in the list are in different ones where that is possible.
std::vector<int32_t> interleaved(const std::vector<kafka::Node>& brokers) {
    std::map<std::string, std::vector<int32_t>> racks;
    for (const kafka::Node& broker : brokers) {
        racks[broker.rack.value_or("")].push_back(broker.id);
    }
    std::vector<int32_t> ids;
    for (size_t turn = 0; ids.size() < brokers.size(); ++turn) {
        for (const auto& [rack, members] : racks) {
            if (turn < members.size()) ids.push_back(members[turn]);
        }
    }
    return ids;
}

std::string throttle(const std::map<int32_t, PartitionMove>& moves, bool of_sources) {
    std::set<std::string> parts;
    for (const auto& [partition, move] : moves) {
        for (int32_t broker : of_sources ? move.sources : move.destinations) {
            if (!of_sources && move.sources.contains(broker)) continue;
            parts.insert(std::to_string(partition) + ":" + std::to_string(broker));
        }
    }
    return kafka::joined(std::vector<std::string>(parts.begin(), parts.end()), ",");
}

}  // namespace

std::string to_string(const Replica& replica) {
    return to_string(replica.where) + "-" + std::to_string(replica.broker);
}

ReassignmentPlan parse_reassignment(const std::string& json) {
    std::optional<JsonValue> parsed = parse_json(json);
    if (!parsed) refuse_json(json);
    check_version(*parsed);
    ReassignmentPlan plan;
    if (!parsed->contains("partitions")) return plan;
    for (const JsonValue& one : json_array((*parsed)["partitions"])) parse_partition(one, plan);
    return plan;
}

void check_executable(const ReassignmentPlan& plan) {
    if (plan.partitions.empty()) {
        throw_java(command_failed, "Partition reassignment list cannot be empty");
    }
    std::vector<kafka::TopicPartition> partitions;
    std::vector<std::string> problems;
    for (const auto& [where, replicas] : plan.partitions) {
        if (replicas.empty()) throw_java(command_failed, "Partition replica list cannot be empty");
        partitions.push_back(where);
        std::vector<int32_t> twice = doubles(replicas);
        if (twice.empty()) continue;
        problems.push_back(to_string(where) + " contains multiple entries for " +
                           joined_numbers(twice));
    }
    std::vector<std::string> names;
    for (const auto& where : doubles(partitions)) names.push_back(to_string(where));
    if (!names.empty()) {
        throw_java(command_failed, "Partition reassignment contains duplicate topic partitions: " +
                                       kafka::joined(names, ","));
    }
    if (!problems.empty()) {
        throw_java(command_failed, "Partition replica lists may not contain duplicate entries: " +
                                       kafka::joined(problems, ". "));
    }
}

std::string reassignment_json(const Assignment& assignment, const LogDirs& log_dirs) {
    std::string text = "{\"version\":1,\"partitions\":[";
    std::string_view comma;
    for (const auto& [where, replicas] : assignment) {
        std::vector<std::string> dirs;
        for (int32_t broker : replicas) {
            auto dir = log_dirs.find({broker, where});
            dirs.push_back(
                json_quoted(dir == log_dirs.end() ? any_log_dir : std::string_view(dir->second)));
        }
        text.append(comma).append("{\"topic\":").append(json_quoted(where.topic));
        text += ",\"partition\":" + std::to_string(where.partition) + ",\"replicas\":[" +
                joined_numbers(replicas) + "],\"log_dirs\":[" + kafka::joined(dirs, ",") + "]}";
        comma = ",";
    }
    return text + "]}";
}

std::vector<std::string> parse_topics_to_move(const std::string& json) {
    std::optional<JsonValue> parsed = parse_json(json);
    if (!parsed) throw_java(operation_failed, "The input string is not a valid JSON");
    check_version(*parsed);
    std::vector<std::string> topics;
    if (parsed->contains("topics")) {
        for (const JsonValue& one : json_array((*parsed)["topics"])) {
            topics.push_back(json_text(json_member(one, "topic")));
        }
    }
    std::vector<std::string> twice = doubles(topics);
    if (!twice.empty()) {
        throw_java(command_failed, "List of topics to reassign contains duplicate entries: " +
                                       kafka::java_list(twice));
    }
    return topics;
}

std::vector<int32_t> parse_broker_list(const std::string& text) {
    std::vector<int32_t> ids;
    for (size_t begin = 0; begin <= text.size();) {
        size_t comma = std::min(text.find(',', begin), text.size());
        ids.push_back(parse_int_or_throw(text.substr(begin, comma - begin)));
        begin = comma + 1;
    }
    std::vector<int32_t> twice = doubles(ids);
    if (!twice.empty()) {
        throw_java(command_failed, "Broker list contains duplicate entries: [" +
                                       joined_numbers(twice, ", ") + "]");
    }
    return ids;
}

Assignment propose_assignment(const Assignment& current, const std::vector<kafka::Node>& brokers,
                              Random& random) {
    std::vector<int32_t> ids = interleaved(brokers);
    std::map<std::string, std::vector<int32_t>> partitions;
    for (const auto& [where, replicas] : current) {
        partitions[where.topic].push_back(where.partition);
    }
    Assignment proposed;
    for (const auto& [topic, numbers] : partitions) {
        size_t factor = current.at({topic, numbers.front()}).size();
        if (factor > ids.size()) {
            throw kafka::KafkaException(kafka::failure_of(
                ErrorCode::invalid_replication_factor,
                "The target replication factor of " + std::to_string(factor) +
                    " cannot be reached because only " + std::to_string(ids.size()) +
                    " broker(s) are registered."));
        }
        size_t start = ids.empty() ? 0 : size_t(random.below(ids.size()));
        for (size_t i = 0; i < numbers.size(); ++i) {
            std::vector<int32_t>& replicas = proposed[{topic, int32_t(i)}];
            for (size_t r = 0; r < factor; ++r) {
                replicas.push_back(ids[(start + i + r) % ids.size()]);
            }
        }
    }
    return proposed;
}

Moves plan_moves(const std::map<kafka::TopicPartition, kafka::Reassignment>& under_way,
                 const Assignment& proposed, const Assignment& current) {
    Moves moves;
    for (const auto& [where, reassignment] : under_way) {
        PartitionMove& move = moves[where.topic][where.partition];
        move.destinations = {reassignment.adding.begin(), reassignment.adding.end()};
        for (int32_t broker : reassignment.replicas) {
            if (!move.destinations.contains(broker)) move.sources.insert(broker);
        }
    }
    for (const auto& [where, replicas] : proposed) {
        auto& of_topic = moves[where.topic];
        auto [place, is_new] = of_topic.try_emplace(where.partition);
        PartitionMove& move = place->second;
        if (is_new) {
            auto now = current.find(where);
            if (now == current.end()) {
                throw_java("java.lang.RuntimeException", "Trying to reassign a topic partition " +
                                                             to_string(where) +
                                                             " with 0 replicas");
            }
            move.sources = {now->second.begin(), now->second.end()};
        }
        move.destinations = {replicas.begin(), replicas.end()};
        for (int32_t source : move.sources) move.destinations.erase(source);
    }
    return moves;
}

std::string leader_throttle(const std::map<int32_t, PartitionMove>& moves) {
    return throttle(moves, true);
}

std::string follower_throttle(const std::map<int32_t, PartitionMove>& moves) {
    return throttle(moves, false);
}

std::set<int32_t> brokers_of(const Moves& moves) {
    std::set<int32_t> brokers;
    for (const auto& [topic, partitions] : moves) {
        for (const auto& [partition, move] : partitions) {
            brokers.insert(move.sources.begin(), move.sources.end());
            brokers.insert(move.destinations.begin(), move.destinations.end());
        }
    }
    return brokers;
}

}  // namespace stoker::cli
