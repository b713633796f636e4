// Plans of new offsets for groups (Java's OffsetsUtils): which partitions, which offsets, and the
// table of them. Fails by throwing KafkaException, as upstream's does.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/tool.hpp"
#include "kafka/admin.hpp"
#include "kafka/admin_groups.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::cli {

/// In the order in which Java's HashMap of the partitions is printed.
using OffsetPlan = std::vector<std::pair<kafka::TopicPartition, int64_t>>;
/// By group, in the order of the HashMap of the groups.
using GroupPlans = std::vector<std::pair<std::string, OffsetPlan>>;
using Partitions = std::vector<kafka::TopicPartition>;
using CommittedOffsets = std::map<kafka::TopicPartition, kafka::CommittedOffset>;

class ResetOffsets {
public:
    /// What is given must outlive it.
    ResetOffsets(Streams& io, kafka::Admin& admin, kafka::CallOptions call)
        : io_(io), admin_(admin), call_(call) {}

    /// "t" is all partitions of a topic, "t:0,1" some.
    Partitions partitions_of(const std::vector<std::string>& topics) const;
    /// "t:0,1"; fails with IllegalArgumentException for what is none.
    static Partitions parse_partitions(const std::string& topic_and_partitions);
    /// Fails for partitions that do not exist or have no leader.
    void check(const Partitions& partitions) const;

    OffsetPlan to_offset(const Partitions& partitions, int64_t offset) const;
    OffsetPlan to_earliest(const Partitions& partitions) const;
    OffsetPlan to_latest(const Partitions& partitions) const;
    OffsetPlan shift_by(const Partitions& partitions, const CommittedOffsets& current,
                        int64_t by) const;
    /// The first record from that time on; where there is none, the end, and a line that says so.
    OffsetPlan to_time(const Partitions& partitions, int64_t wall_ms) const;
    OffsetPlan to_current(const Partitions& partitions, const CommittedOffsets& current) const;
    /// What a CSV file says for the group; `groups` are those on the command line.
    OffsetPlan from_file(const std::string& path, const std::vector<std::string>& groups,
                         const std::string& group) const;

    /// The ends of the logs, or another special offset; partitions without one are left out.
    std::map<kafka::TopicPartition, int64_t> offsets_at(const Partitions& partitions,
                                                        int64_t timestamp) const;

private:
    OffsetPlan within_range(const OffsetPlan& wanted) const;

    Streams& io_;
    kafka::Admin& admin_;
    kafka::CallOptions call_;
};

/// A plan in the order of a HashMap into which its partitions were put one by one.
OffsetPlan in_plan_order(OffsetPlan plan);
void print_plans(Writer& out, const GroupPlans& plans);
/// One group: topic,partition,offset; several: the group in front.
std::string plans_to_csv(const GroupPlans& plans, bool with_group);

}  // namespace stoker::cli
