#include "exporter/exposition.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "metrics/text_writer.hpp"

namespace stoker::exporter {
namespace {

using metrics::Label;
using metrics::TextWriter;
using metrics::Type;

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

/// A partition that a group has committed in.
struct Reading {
    const TopicPartition* where = nullptr;
    std::string partition;
    int64_t committed = -1;
    int64_t lag = -1;  // -1: unknown
    double lag_seconds = unknown;
    Member member{};
};

struct ReadGroup {
    const std::string* name = nullptr;
    const Group* group = nullptr;
    std::vector<Reading> readings;  // by topic and partition
};

/// Everything that is told of a partition or a group, computed once.
class Exposition {
public:
    Exposition(const Snapshot& snapshot, const TimesOfPartitions& times,
               const std::string& cluster, int64_t now_ms);

    std::string text() &&;

private:
    Reading reading(const TopicPartition& where, const Group& group, int64_t committed) const;
    void write_cluster();
    template <class Value>
    void write_partitions(const char* name, const char* help, Value value);
    template <class Value>
    void write_lag_exporter_partitions(const char* name, const char* help, Value value);
    void write_topics();
    void write_groups();
    void write_group_sums();
    template <class Value>
    void write_members(const char* name, const char* help, Value value);
    void write_lag_exporter_groups();

    const Snapshot& snapshot_;
    const TimesOfPartitions& times_;
    const std::string& cluster_;
    int64_t now_ms_;
    std::vector<std::string> decimals_;
    std::vector<ReadGroup> groups_;
    TextWriter writer_;
};

Exposition::Exposition(const Snapshot& snapshot, const TimesOfPartitions& times,
                       const std::string& cluster, int64_t now_ms)
    : snapshot_(snapshot), times_(times), cluster_(cluster), now_ms_(now_ms) {
    size_t most = 0;
    for (const auto& [topic, partitions] : snapshot.topics)
        most = std::max(most, partitions.size());
    for (size_t i = 0; i < most; ++i) decimals_.push_back(std::to_string(i));
    for (const auto& [name, group] : snapshot.groups) {
        ReadGroup& read = groups_.emplace_back();
        read.name = &name;
        read.group = &group;
        for (const auto& [where, committed] : group.committed)
            read.readings.push_back(reading(where, group, committed));
        // Members that have partitions in which nothing was ever committed.
        for (const auto& [where, owner] : group.owners)
            if (!group.committed.contains(where) && snapshot.find(where) != nullptr)
                read.readings.push_back(reading(where, group, -1));
        std::ranges::sort(read.readings, {}, [](const Reading& one) { return *one.where; });
    }
}

Reading Exposition::reading(const TopicPartition& where, const Group& group,
                            int64_t committed) const {
    Reading reading{.where = &where,
                    .partition = std::to_string(where.partition),
                    .committed = committed};
    const PartitionState* partition = snapshot_.find(where);
    // A topic that was made anew can end before what was committed in the old one.
    if (committed >= 0 && partition != nullptr && partition->latest)
        reading.lag = std::max<int64_t>(0, *partition->latest - committed);
    const auto times = times_.find(where);
    if (reading.lag >= 0 && times != times_.end())
        reading.lag_seconds = times->second.lag_seconds(committed, now_ms_).value_or(unknown);
    const auto owner = group.owners.find(where);
    if (owner != group.owners.end()) reading.member = owner->second;
    return reading;
}

void Exposition::write_cluster() {
    writer_.family("kafka_brokers", Type::gauge, "Number of brokers.");
    writer_.sample(snapshot_.brokers.size());
    writer_.family("kafka_broker_info", Type::gauge, "1 for each broker.");
    for (const Broker& broker : snapshot_.brokers)
        writer_.sample({{"id", std::to_string(broker.id)}, {"address", broker.address}}, 1);
    writer_.family("kafka_topic_partitions", Type::gauge, "Number of partitions of a topic.");
    for (const auto& [topic, partitions] : snapshot_.topics)
        writer_.sample({{"topic", topic}}, partitions.size());
}

/// `value` gives an int64_t, or nothing.
template <class Value>
void Exposition::write_partitions(const char* name, const char* help, Value value) {
    writer_.family(name, Type::gauge, help);
    for (const auto& [topic, partitions] : snapshot_.topics)
        for (size_t i = 0; i < partitions.size(); ++i)
            if (const std::optional<int64_t> known = value(partitions[i]))
                writer_.sample({{"topic", topic}, {"partition", decimals_[i]}}, *known);
}

template <class Value>
void Exposition::write_lag_exporter_partitions(const char* name, const char* help, Value value) {
    writer_.family(name, Type::gauge, help);
    for (const auto& [topic, partitions] : snapshot_.topics)
        for (size_t i = 0; i < partitions.size(); ++i)
            if (const std::optional<int64_t> known = value(partitions[i]))
                writer_.sample({{"cluster_name", cluster_},
                                {"topic", topic},
                                {"partition", decimals_[i]}},
                               *known);
}

void Exposition::write_topics() {
    const auto earliest = [](const PartitionState& p) { return p.earliest; };
    const auto latest = [](const PartitionState& p) { return p.latest; };
    write_partitions("kafka_topic_partition_current_offset",
                     "The next offset of a partition: where it ends.", latest);
    write_partitions("kafka_topic_partition_oldest_offset", "The first offset of a partition.",
                     earliest);
    write_partitions("kafka_topic_partition_leader", "The id of the broker that leads it.",
                     [](const PartitionState& p) { return std::optional<int64_t>(p.leader); });
    write_partitions("kafka_topic_partition_replicas", "Number of replicas of a partition.",
                     [](const PartitionState& p) {
                         return std::optional<int64_t>(p.replicas.size());
                     });
    write_partitions("kafka_topic_partition_in_sync_replica",
                     "Number of replicas of a partition that are in sync.",
                     [](const PartitionState& p) {
                         return std::optional<int64_t>(p.in_sync.size());
                     });
    write_partitions("kafka_topic_partition_leader_is_preferred",
                     "1 where the preferred broker leads.", [](const PartitionState& p) {
                         return std::optional<int64_t>(!p.replicas.empty() &&
                                                       p.replicas.front() == p.leader);
                     });
    write_partitions("kafka_topic_partition_under_replicated_partition",
                     "1 where a replica is not in sync.", [](const PartitionState& p) {
                         return std::optional<int64_t>(p.in_sync.size() < p.replicas.size());
                     });
    write_lag_exporter_partitions("kafka_partition_latest_offset",
                                  "The next offset of a partition: where it ends.", latest);
    write_lag_exporter_partitions("kafka_partition_earliest_offset",
                                  "The first offset of a partition.", earliest);
}

void Exposition::write_groups() {
    const auto each = [&](const char* name, const char* help, int64_t Reading::*value) {
        writer_.family(name, Type::gauge, help);
        for (const ReadGroup& group : groups_)
            for (const Reading& reading : group.readings)
                writer_.sample({{"consumergroup", *group.name},
                                {"topic", reading.where->topic},
                                {"partition", reading.partition}},
                               reading.*value);
    };
    each("kafka_consumergroup_current_offset", "What a group has committed in a partition.",
         &Reading::committed);
    each("kafka_consumergroup_lag",
         "How many messages a group has still to read in a partition; -1: unknown.",
         &Reading::lag);
    writer_.family("kafka_consumergroup_members", Type::gauge, "Number of members of a group.");
    for (const ReadGroup& group : groups_)
        writer_.sample({{"consumergroup", *group.name}}, group.group->members);
}

void Exposition::write_group_sums() {
    const auto each = [&](const char* name, const char* help, int64_t Reading::*value) {
        // The format keeps names that end in _sum for summaries, unless they are untyped.
        writer_.family(name, Type::untyped, help);
        for (const ReadGroup& group : groups_) {
            std::map<std::string, int64_t> sums;
            for (const Reading& reading : group.readings)
                sums[reading.where->topic] += std::max<int64_t>(0, reading.*value);
            for (const auto& [topic, sum] : sums)
                writer_.sample({{"consumergroup", *group.name}, {"topic", topic}}, sum);
        }
    };
    each("kafka_consumergroup_current_offset_sum", "What a group has committed in a topic.",
         &Reading::committed);
    each("kafka_consumergroup_lag_sum", "How many messages a group has still to read in a topic.",
         &Reading::lag);
}

template <class Value>
void Exposition::write_members(const char* name, const char* help, Value value) {
    writer_.family(name, Type::gauge, help);
    for (const ReadGroup& group : groups_)
        for (const Reading& reading : group.readings)
            writer_.sample({{"cluster_name", cluster_},
                            {"group", *group.name},
                            {"topic", reading.where->topic},
                            {"partition", reading.partition},
                            {"member_host", reading.member.host},
                            {"consumer_id", reading.member.consumer_id},
                            {"client_id", reading.member.client_id}},
                           value(reading));
}

void Exposition::write_lag_exporter_groups() {
    const auto lag_of = [](const Reading& r) { return r.lag < 0 ? unknown : double(r.lag); };
    write_members("kafka_consumergroup_group_offset", "What a group has committed.",
                  [](const Reading& r) { return r.committed < 0 ? unknown : double(r.committed); });
    write_members("kafka_consumergroup_group_lag", "Messages that a group has still to read.",
                  lag_of);
    write_members("kafka_consumergroup_group_lag_seconds",
                  "For how long the next message of a group has been there.",
                  [](const Reading& r) { return r.lag_seconds; });
    const auto most = [&](const char* name, const char* help, auto value) {
        writer_.family(name, Type::gauge, help);
        for (const ReadGroup& group : groups_) {
            double most_of_all = unknown;
            // What is unknown is no maximum: fmax passes over it.
            for (const Reading& reading : group.readings)
                most_of_all = std::fmax(most_of_all, value(reading));
            writer_.sample({{"cluster_name", cluster_},
                            {"group", *group.name},
                            {"is_simple_consumer", group.group->simple ? "true" : "false"}},
                           most_of_all);
        }
    };
    most("kafka_consumergroup_group_max_lag", "The largest lag of a group's partitions.", lag_of);
    most("kafka_consumergroup_group_max_lag_seconds",
         "The largest lag in seconds of a group's partitions.",
         [](const Reading& r) { return r.lag_seconds; });
    writer_.family("kafka_consumergroup_group_sum_lag", Type::gauge,
                   "Messages that a group has still to read.");
    for (const ReadGroup& group : groups_) {
        int64_t sum = 0;
        for (const Reading& reading : group.readings) sum += std::max<int64_t>(0, reading.lag);
        writer_.sample({{"cluster_name", cluster_}, {"group", *group.name}}, sum);
    }
    writer_.family("kafka_consumergroup_group_topic_sum_lag", Type::gauge,
                   "Messages that a group has still to read in a topic.");
    for (const ReadGroup& group : groups_) {
        std::map<std::string, int64_t> sums;
        for (const Reading& reading : group.readings)
            sums[reading.where->topic] += std::max<int64_t>(0, reading.lag);
        for (const auto& [topic, sum] : sums)
            writer_.sample({{"cluster_name", cluster_}, {"group", *group.name}, {"topic", topic}},
                           sum);
    }
}

std::string Exposition::text() && {
    write_cluster();
    write_topics();
    write_groups();
    write_group_sums();
    write_lag_exporter_groups();
    return std::move(writer_).text();
}

}  // namespace

void note_ends(const Snapshot& snapshot, int64_t at_ms, TimesOfPartitions& times) {
    std::erase_if(times, [&](const auto& each) { return snapshot.find(each.first) == nullptr; });
    for (const auto& [topic, partitions] : snapshot.topics)
        for (size_t i = 0; i < partitions.size(); ++i)
            if (partitions[i].latest) times[{topic, int32_t(i)}].add(at_ms, *partitions[i].latest);
}

std::string exposition(const Snapshot& snapshot, const TimesOfPartitions& times,
                       const std::string& cluster, int64_t now_ms) {
    return Exposition(snapshot, times, cluster, now_ms).text();
}

}  // namespace stoker::exporter
