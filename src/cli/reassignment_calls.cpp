#include "cli/reassignment_calls.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/admin_tool.hpp"
#include "kafka/admin_cluster.hpp"
#include "kafka/admin_configs.hpp"
#include "kafka/admin_topics.hpp"
#include "kafka/deadline.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr std::string_view leader_rate = "leader.replication.throttled.rate";
constexpr std::string_view follower_rate = "follower.replication.throttled.rate";
constexpr std::string_view log_dir_rate = "replica.alter.log.dirs.io.max.bytes.per.second";
constexpr std::string_view leader_replicas = "leader.replication.throttled.replicas";
constexpr std::string_view follower_replicas = "follower.replication.throttled.replicas";
constexpr int64_t move_retry_ms = 100;

/// Where a replica lies, and where it is being moved to.
struct Folders {
    std::optional<std::string> current;
    std::optional<std::string> future;
};

std::map<Replica, Folders> folders_of(kafka::Admin& admin, const std::set<Replica>& replicas) {
    std::map<Replica, Folders> found;
    std::set<int32_t> brokers;
    for (const Replica& replica : replicas) {
        found[replica];
        brokers.insert(replica.broker);
    }
    for (int32_t broker : brokers) {
        for (const auto& dir : get_or_throw(kafka::describe_log_dirs(admin, broker))) {
            if (dir.error_code != ErrorCode::none) continue;
            for (const auto& topic : dir.topics) {
                for (const auto& partition : topic.partitions) {
                    Replica replica{broker, {topic.name, raw(partition.partition_index)}};
                    auto place = found.find(replica);
                    if (place == found.end()) continue;
                    auto& into = partition.is_future_key ? place->second.future
                                                         : place->second.current;
                    into = dir.log_dir;
                }
            }
        }
    }
    return found;
}

std::set<Replica> replicas_in(const LogDirs& moves) {
    std::set<Replica> replicas;
    for (const auto& [replica, dir] : moves) replicas.insert(replica);
    return replicas;
}

void alter_or_throw(kafka::Admin& admin, kafka::ConfigResourceType type, const std::string& name,
                    const std::vector<std::pair<std::string_view, std::optional<std::string>>>&
                        values) {
    std::vector<kafka::ConfigChange> changes;
    for (const auto& [key, value] : values) {
        changes.push_back({.name = std::string(key),
                           .config_operation =
                               value ? kafka::config_set : kafka::config_delete,
                           .value = value});
    }
    get_or_throw(kafka::alter_config(admin, {type, name}, changes));
}

kafka::TopicDescription known_topic(kafka::Outcome<kafka::TopicDescription> topic,
                                    const std::string& name) {
    if (!topic && topic.error().code == ErrorCode::unknown_topic_or_partition) {
        topic = kafka::failed(kafka::failure_of(ErrorCode::unknown_topic_or_partition,
                                                "Topic " + name + " not found."));
    }
    return get_or_throw(std::move(topic));
}

std::vector<std::string> topics_in(const Assignment& assignment) {
    std::set<std::string> topics;
    for (const auto& [where, replicas] : assignment) topics.insert(where.topic);
    return {topics.begin(), topics.end()};
}

/// The partition's replicas; none where there is no such partition.
std::vector<int32_t> replicas_now(kafka::Admin& admin, const kafka::TopicPartition& where) {
    auto described = get_or_throw(kafka::describe_topics(admin, {where.topic}));
    auto& topic = described.front();
    if (!topic && topic.error().code == ErrorCode::unknown_topic_or_partition) return {};
    kafka::TopicDescription known = get_or_throw(std::move(topic));
    for (const auto& partition : known.partitions) {
        if (partition.partition == where.partition) return partition.replicas;
    }
    return {};
}

/// One line for each replica that is meant for a folder, and whether it is still being moved.
std::pair<std::string, bool> log_dir_state(const Replica& replica, const Folders& now,
                                           const std::string& target) {
    std::string broker = std::to_string(replica.broker);
    std::string partition = "Partition " + to_string(replica.where);
    if (!now.current) {
        return {partition + " is not found in any live log dir on broker " + broker +
                    ". There is likely an offline log directory on the broker.",
                false};
    }
    if (!now.future) {
        if (*now.current == target) {
            return {"Reassignment of replica " + to_string(replica) + " completed successfully.",
                    false};
        }
        return {partition + " on broker " + broker + " is not being moved from log dir " +
                    *now.current + " to " + target + ".",
                false};
    }
    if (*now.future == target) {
        return {"Reassignment of replica " + to_string(replica) + " is still in progress.", true};
    }
    return {partition + " on broker " + broker + " is being moved to log dir " + *now.future +
                " instead of " + target + ".",
            true};
}

/// Tells each broker of its moves; those that have started.
std::set<Replica> start_moves(kafka::Admin& admin, const LogDirs& pending) {
    std::map<int32_t, std::map<kafka::TopicPartition, std::string>> by_broker;
    for (const auto& [replica, dir] : pending) by_broker[replica.broker][replica.where] = dir;
    std::set<Replica> started;
    for (const auto& [broker, folders] : by_broker) {
        for (auto& [where, done] :
             get_or_throw(kafka::alter_replica_log_dirs(admin, broker, folders))) {
            Replica replica{broker, where};
            if (done) {
                started.insert(replica);
            } else if (done.error().code != ErrorCode::replica_not_available) {
                throw kafka::KafkaException(kafka::Failure{
                    .exception = std::string(command_failed),
                    .message = "Failed to alter dir for " + to_string(replica),
                    .cause = std::make_shared<const kafka::Failure>(
                        execution_failure(done.error()))});
            }
        }
    }
    return started;
}

}  // namespace

Assignment current_assignment(kafka::Admin& admin, const std::vector<std::string>& topics) {
    Assignment assignment;
    auto described = get_or_throw(kafka::describe_topics(admin, topics));
    for (size_t i = 0; i < topics.size(); ++i) {
        for (auto& partition : known_topic(std::move(described[i]), topics[i]).partitions) {
            assignment[{topics[i], partition.partition}] = partition.replicas;
        }
    }
    return assignment;
}

Assignment current_replicas(kafka::Admin& admin, const Assignment& partitions) {
    Assignment all = current_assignment(admin, topics_in(partitions));
    std::string missing;
    for (const auto& [where, replicas] : partitions) {
        if (!all.contains(where)) missing += (missing.empty() ? "" : ", ") + to_string(where);
    }
    if (!missing.empty()) {
        throw kafka::KafkaException(execution_failure(kafka::failure_of(
            ErrorCode::unknown_topic_or_partition, "Unable to find partition: " + missing)));
    }
    std::erase_if(all, [&](const auto& entry) { return !partitions.contains(entry.first); });
    return all;
}

LogDirs log_dirs_of(kafka::Admin& admin, const Assignment& assignment) {
    std::set<Replica> replicas;
    for (const auto& [where, brokers] : assignment) {
        for (int32_t broker : brokers) replicas.insert({broker, where});
    }
    LogDirs dirs;
    for (const auto& [replica, folders] : folders_of(admin, replicas)) {
        if (folders.current) dirs[replica] = *folders.current;
    }
    return dirs;
}

void check_brokers_exist(kafka::Admin& admin, const Assignment& assignment) {
    std::set<int32_t> known;
    for (const auto& node : get_or_throw(kafka::describe_cluster(admin)).nodes) {
        known.insert(node.id);
    }
    for (const auto& [where, brokers] : assignment) {
        for (int32_t broker : brokers) {
            if (known.contains(broker)) continue;
            throw_java(command_failed, "Unknown broker id " + std::to_string(broker));
        }
    }
}

std::vector<kafka::Node> usable_brokers(kafka::Admin& admin, const std::vector<int32_t>& asked,
                                        bool rack_aware) {
    std::vector<kafka::Node> nodes = get_or_throw(kafka::describe_cluster(admin)).nodes;
    std::erase_if(nodes, [&](const kafka::Node& node) {
        return std::ranges::find(asked, node.id) == asked.end();
    });
    auto rackless = std::ranges::count_if(nodes, [](const auto& node) { return !node.rack; });
    if (rack_aware && rackless != 0 && size_t(rackless) != nodes.size()) {
        throw_java(operation_failed,
                   "Not all brokers have rack information. Add --disable-rack-aware in command "
                   "line to make replica assignment without rack information.");
    }
    if (!rack_aware) {
        for (kafka::Node& node : nodes) node.rack.reset();
    }
    return nodes;
}

void throttle_moves(Streams& io, kafka::Admin& admin, const Moves& moves,
                    int64_t bytes_per_second) {
    for (const auto& [topic, partitions] : moves) {
        alter_or_throw(admin, kafka::ConfigResourceType::topic, topic,
                       {{leader_replicas, leader_throttle(partitions)},
                        {follower_replicas, follower_throttle(partitions)}});
    }
    std::string rate = std::to_string(bytes_per_second);
    for (int32_t broker : brokers_of(moves)) {
        alter_or_throw(admin, kafka::ConfigResourceType::broker, std::to_string(broker),
                       {{leader_rate, rate}, {follower_rate, rate}});
    }
    io.out.line("The inter-broker throttle limit was set to " + rate + " B/s");
}

void throttle_log_dirs(Streams& io, kafka::Admin& admin, const LogDirs& moves,
                       int64_t bytes_per_second) {
    std::string rate = std::to_string(bytes_per_second);
    std::set<int32_t> brokers;
    for (const auto& [replica, dir] : moves) brokers.insert(replica.broker);
    for (int32_t broker : brokers) {
        alter_or_throw(admin, kafka::ConfigResourceType::broker, std::to_string(broker),
                       {{log_dir_rate, rate}});
    }
    io.out.line("The replica-alter-dir throttle limit was set to " + rate + " B/s");
}

void clear_throttles(Streams& io, kafka::Admin& admin, const ReassignmentPlan& plan) {
    std::set<int32_t> brokers;
    for (const auto& node : get_or_throw(kafka::describe_cluster(admin)).nodes) {
        brokers.insert(node.id);
    }
    std::vector<std::string> topics;
    for (const auto& [where, replicas] : plan.partitions) {
        brokers.insert(replicas.begin(), replicas.end());
        bool known = std::ranges::find(topics, where.topic) != topics.end();
        if (!known) topics.push_back(where.topic);
    }
    io.out.line(std::string("Clearing broker-level throttles on broker") +
                (brokers.size() == 1 ? "" : "s") + " " +
                joined_numbers({brokers.begin(), brokers.end()}));
    for (int32_t broker : brokers) {
        alter_or_throw(admin, kafka::ConfigResourceType::broker, std::to_string(broker),
                       {{leader_rate, std::nullopt},
                        {follower_rate, std::nullopt},
                        {log_dir_rate, std::nullopt}});
    }
    topics = in_grown_map_order(std::move(topics));
    io.out.line(std::string("Clearing topic-level throttles on topic") +
                (topics.size() == 1 ? "" : "s") + " " + kafka::joined(topics, ","));
    for (const std::string& topic : topics) {
        alter_or_throw(admin, kafka::ConfigResourceType::topic, topic,
                       {{leader_replicas, std::nullopt}, {follower_replicas, std::nullopt}});
    }
}

void move_log_dirs(Streams& io, kafka::Admin& admin, LogDirs pending, int64_t timeout_ms) {
    kafka::Deadline deadline = admin.cluster().deadline(timeout_ms);
    for (;;) {
        for (const Replica& replica : start_moves(admin, pending)) {
            io.out.line("Successfully started moving log directory to " + pending[replica] +
                        " for replica " + to_string(replica.where) + " with broker " +
                        std::to_string(replica.broker) + " ");
            pending.erase(replica);
        }
        if (pending.empty()) return;
        if (deadline.passed()) break;
        kafka::pause(move_retry_ms);
    }
    std::vector<std::string> names;
    for (const auto& [replica, dir] : pending) names.push_back(to_string(replica));
    throw_terse(std::string("Timed out before log directory move") +
                (names.size() == 1 ? "" : "s") + " could be started for: " +
                kafka::joined(names, ","));
}

LogDirs active_log_dir_moves(kafka::Admin& admin, const LogDirs& planned) {
    LogDirs active;
    for (const auto& [replica, folders] : folders_of(admin, replicas_in(planned))) {
        if (folders.current && folders.future) active[replica] = *folders.current;
    }
    return active;
}

void print_states(Streams& io, kafka::Admin& admin, const ReassignmentPlan& plan,
                  const UnderWay& under_way) {
    for (const auto& [where, target] : plan.assignment()) {
        std::string name = to_string(where);
        if (under_way.contains(where)) {
            io.out.line("Reassignment of partition " + name + " is still in progress.");
            continue;
        }
        std::vector<int32_t> now = replicas_now(admin, where);
        if (now == target) {
            io.out.line("Reassignment of partition " + name + " is completed.");
        } else {
            io.out.line("There is no active reassignment of partition " + name +
                        ", but replica set is " + joined_numbers(now) + " rather than " +
                        joined_numbers(target) + ".");
        }
    }
}

bool print_log_dir_states(Streams& io, kafka::Admin& admin, const LogDirs& planned) {
    std::string text;
    bool any_moving = false;
    for (const auto& [replica, folders] : folders_of(admin, replicas_in(planned))) {
        auto [line, moving] = log_dir_state(replica, folders, planned.at(replica));
        text += (text.empty() ? "" : "\n") + line;
        any_moving = any_moving || moving;
    }
    io.out.line(text);
    return any_moving;
}

void throw_errors(const std::string& title,
                  const std::map<kafka::TopicPartition, kafka::Failure>& errors) {
    if (errors.empty()) return;
    std::string text = title;
    for (const auto& [where, why] : errors) text += "\n" + to_string(where) + ": " + why.text();
    throw_terse(text);
}

}  // namespace stoker::cli
