// The plans of kafka-reassign-partitions: the JSON that a user hands in or gets proposed, and what
// moves from where to where because of it. Pure, but for the proposal's random start.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/cluster.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::cli {

inline constexpr std::string_view command_failed =
    "org.apache.kafka.tools.AdminCommandFailedException";
inline constexpr std::string_view operation_failed =
    "org.apache.kafka.tools.AdminOperationException";

/// A replica as Java's TopicPartitionReplica, in its order.
struct Replica {
    int32_t broker = 0;
    kafka::TopicPartition where;

    auto operator<=>(const Replica&) const = default;
};
/// "topic-0-1": topic, partition, broker.
std::string to_string(const Replica& replica);

using Assignment = std::map<kafka::TopicPartition, std::vector<int32_t>>;
using LogDirs = std::map<Replica, std::string>;

struct ReassignmentPlan {
    /// In the order of the file, doubles included.
    std::vector<std::pair<kafka::TopicPartition, std::vector<int32_t>>> partitions;
    /// Replicas that are to be in a certain folder.
    LogDirs log_dirs;

    Assignment assignment() const { return {partitions.begin(), partitions.end()}; }
};

/// Throws KafkaException for what is no such JSON.
ReassignmentPlan parse_reassignment(const std::string& json);
/// What --execute asks of it besides: no empty lists, no doubles.
void check_executable(const ReassignmentPlan& plan);
std::string reassignment_json(const Assignment& assignment, const LogDirs& log_dirs);

/// The topics of --topics-to-move-json-file, without doubles.
std::vector<std::string> parse_topics_to_move(const std::string& json);
std::vector<int32_t> parse_broker_list(const std::string& text);

/// An even spread of each topic's partitions over the brokers, racks taking turns. Throws where
/// there are fewer brokers than replicas.
Assignment propose_assignment(const Assignment& current, const std::vector<kafka::Node>& brokers,
                              Random& random);

struct PartitionMove {
    std::set<int32_t> sources;
    std::set<int32_t> destinations;
};
using Moves = std::map<std::string, std::map<int32_t, PartitionMove>>;

/// What moves once `proposed` is under way besides what moves already.
Moves plan_moves(const std::map<kafka::TopicPartition, kafka::Reassignment>& under_way,
                 const Assignment& proposed, const Assignment& current);
/// "partition:broker" of the sources and of the new destinations, the values of the two configs
/// *.replication.throttled.replicas.
std::string leader_throttle(const std::map<int32_t, PartitionMove>& moves);
std::string follower_throttle(const std::map<int32_t, PartitionMove>& moves);
std::set<int32_t> brokers_of(const Moves& moves);

}  // namespace stoker::cli
