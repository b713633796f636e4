// What kafka-reassign-partitions asks brokers and tells them, besides the reassignments themselves:
// where replicas are, moves between folders, throttles. All of it throws KafkaException.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/reassignment_plan.hpp"
#include "cli/tool.hpp"
#include "kafka/admin.hpp"

namespace stoker::cli {

/// Of all partitions of the topics.
Assignment current_assignment(kafka::Admin& admin, const std::vector<std::string>& topics);
/// Of these partitions; each must exist.
Assignment current_replicas(kafka::Admin& admin, const Assignment& partitions);
LogDirs log_dirs_of(kafka::Admin& admin, const Assignment& assignment);
void check_brokers_exist(kafka::Admin& admin, const Assignment& assignment);
/// Those of the asked brokers that there are; with their racks, which then all or none must have.
std::vector<kafka::Node> usable_brokers(kafka::Admin& admin, const std::vector<int32_t>& asked,
                                        bool rack_aware);

void throttle_moves(Streams& io, kafka::Admin& admin, const Moves& moves, int64_t bytes_per_second);
void throttle_log_dirs(Streams& io, kafka::Admin& admin, const LogDirs& moves,
                       int64_t bytes_per_second);
void clear_throttles(Streams& io, kafka::Admin& admin, const ReassignmentPlan& plan);

/// Asks again for replicas that are not there yet, until the time is up.
void move_log_dirs(Streams& io, kafka::Admin& admin, LogDirs pending, int64_t timeout_ms);
/// Those of the planned moves that are under way, with the folders they come from.
LogDirs active_log_dir_moves(kafka::Admin& admin, const LogDirs& planned);

using UnderWay = std::map<kafka::TopicPartition, kafka::Reassignment>;
void print_states(Streams& io, kafka::Admin& admin, const ReassignmentPlan& plan,
                  const UnderWay& under_way);
/// Whether a move is still under way.
bool print_log_dir_states(Streams& io, kafka::Admin& admin, const LogDirs& planned);

/// A terse failure with a line for each partition; nothing when there is no error.
void throw_errors(const std::string& title,
                  const std::map<kafka::TopicPartition, kafka::Failure>& errors);

}  // namespace stoker::cli
