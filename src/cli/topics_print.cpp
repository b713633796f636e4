#include "cli/topics_print.hpp"

#include <algorithm>
#include <optional>

#include "broker/config/config_value.hpp"
#include "broker/config/topic_configs.hpp"
#include "cli/admin_tool.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

bool is_default(const kafka::ConfigEntry& entry) {
    return kafka::ConfigSource(entry.config_source) == kafka::ConfigSource::default_config;
}

/// "a=1,b=2" of what was set, in the order of a HashMap.
std::string configs_text(const std::vector<kafka::ConfigEntry>& entries) {
    std::vector<std::string> names;
    std::map<std::string, std::string> values;
    for (const kafka::ConfigEntry& entry : entries) {
        names.push_back(entry.name);
        if (!is_default(entry)) values[entry.name] = entry.value.value_or("null");
    }
    std::string text;
    for (const std::string& name : kafka::in_hash_order(names)) {
        auto value = values.find(name);
        if (value == values.end()) continue;
        if (!text.empty()) text += ',';
        text += name + "=" + value->second;
    }
    return text;
}

int32_t min_isr(const std::vector<kafka::ConfigEntry>& entries) {
    for (const kafka::ConfigEntry& entry : entries) {
        if (entry.name != "min.insync.replicas") continue;
        return parse_int_or_throw(entry.value.value_or(""));
    }
    return 1;
}

/// A reassignment that was over before the partition was asked for does not count.
size_t replication_factor(const kafka::PartitionDescription& partition,
                          const kafka::Reassignment* moving) {
    auto is_moving = [&](int32_t id) {
        return std::ranges::find(moving->adding, id) != moving->adding.end() ||
               std::ranges::find(moving->removing, id) != moving->removing.end();
    };
    if (moving != nullptr && std::ranges::any_of(partition.replicas, is_moving)) {
        return moving->replicas.size() - std::min(moving->adding.size(), moving->replicas.size());
    }
    return partition.replicas.size();
}

std::string partition_line(const std::string& topic, const kafka::PartitionDescription& partition,
                           const kafka::Reassignment* moving) {
    std::string line = "\tTopic: " + topic + "\tPartition: " +
                       std::to_string(partition.partition) + "\tLeader: " +
                       (partition.leader < 0 ? "none" : std::to_string(partition.leader)) +
                       "\tReplicas: " + joined_numbers(partition.replicas) +
                       "\tIsr: " + joined_numbers(partition.isr);
    if (moving != nullptr) {
        line += "\tAdding Replicas: " + joined_numbers(moving->adding) +
                "\tRemoving Replicas: " + joined_numbers(moving->removing);
    }
    line += "\tElr: " + (partition.elr ? joined_numbers(*partition.elr) : "N/A");
    line += "\tLastKnownElr: " +
            (partition.last_known_elr ? joined_numbers(*partition.last_known_elr) : "N/A");
    return line;
}

const kafka::Reassignment* moving_of(const TopicsToPrint& all, const kafka::TopicDescription& topic,
                                     const kafka::PartitionDescription& partition) {
    auto found = all.reassignments.find({topic.name, partition.partition});
    return found == all.reassignments.end() ? nullptr : &found->second;
}

bool shows_all(const TopicReport& report) {
    return !report.under_replicated && !report.unavailable && !report.under_min_isr &&
           !report.at_min_isr;
}

bool is_shown(const TopicsToPrint& all, size_t topic,
              const kafka::PartitionDescription& partition, const TopicReport& report) {
    const auto& entries = all.configs[topic];
    auto isr = int32_t(partition.isr.size());
    bool has_leader = partition.leader >= 0;
    size_t factor =
        replication_factor(partition, moving_of(all, all.topics[topic], partition));
    return shows_all(report) ||
           (report.under_replicated && factor > partition.isr.size()) ||
           (report.unavailable &&
            (!has_leader || !all.live_brokers.contains(partition.leader))) ||
           (report.under_min_isr && (!has_leader || isr < min_isr(entries))) ||
           (report.at_min_isr && isr == min_isr(entries));
}

}  // namespace

std::map<int32_t, std::vector<int32_t>> parse_replica_assignment(const std::string& text) {
    std::map<int32_t, std::vector<int32_t>> assignments;
    int32_t partition = 0;
    for (const std::string& list : kafka::java_split(text, ',')) {
        std::vector<int32_t> brokers;
        std::vector<int32_t> twice;
        for (const std::string& word : kafka::java_split(list, ':')) {
            int32_t id = parse_int_or_throw(std::string(broker::trimmed(word)));
            bool known = std::ranges::find(brokers, id) != brokers.end();
            if (known && std::ranges::find(twice, id) == twice.end()) twice.push_back(id);
            brokers.push_back(id);
        }
        if (!twice.empty()) {
            throw_java("org.apache.kafka.tools.AdminCommandFailedException",
                       "Partition replica lists may not contain duplicate entries: " +
                           joined_numbers(twice));
        }
        if (partition > 0 && brokers.size() != assignments[0].size()) {
            throw_java("org.apache.kafka.tools.AdminOperationException",
                       "Partition " + std::to_string(partition) +
                           " has different replication factor: [" + joined_numbers(brokers, ", ") +
                           "]");
        }
        assignments[partition++] = std::move(brokers);
    }
    return assignments;
}

std::vector<std::pair<std::string, std::string>> parse_topic_configs(
    const std::vector<std::string>& words) {
    std::map<std::string, std::string> values;
    for (const std::string& word : words) {
        size_t equals = word.find('=');
        std::string value = equals == std::string::npos ? "" : word.substr(equals + 1);
        if (value.empty() || value.find('=') != std::string::npos) {
            throw_illegal_argument(
                "requirement failed: Invalid topic config: all configs to be added must be in "
                "the format \"key=val\".");
        }
        values[std::string(broker::trimmed(word.substr(0, equals)))] =
            std::string(broker::trimmed(value));
    }
    std::vector<std::pair<std::string, std::string>> configs;
    for (const auto& [name, value] : values) {
        const broker::ConfigDeclaration* config = broker::topic_configs().find(name);
        if (config == nullptr) {
            throw kafka::KafkaException(kafka::failure_of(ErrorCode::invalid_config,
                                                          "Unknown topic config name: " + name));
        }
        if (auto checked = broker::canonical_value(*config, value); !checked) {
            throw kafka::KafkaException(kafka::config_failure(checked.error()));
        }
        configs.emplace_back(name, value);
    }
    return configs;
}

Listing list_topics_described(const TopicsToPrint& all, const TopicReport& report) {
    Listing listing{.columns = {"topic", "topic_id", "partition", "leader", "replicas", "isr",
                                "configs"},
                    .rows = {}};
    for (size_t i = 0; i < all.topics.size(); ++i) {
        const kafka::TopicDescription& topic = all.topics[i];
        if (report.overrides_only && std::ranges::all_of(all.configs[i], is_default)) continue;
        for (const kafka::PartitionDescription& partition : topic.partitions) {
            if (!is_shown(all, i, partition, report)) continue;
            Cell leader;
            if (partition.leader >= 0) leader = int64_t(partition.leader);
            listing.rows.push_back({topic.name, to_string(topic.id), int64_t(partition.partition),
                                    leader, joined_numbers(partition.replicas),
                                    joined_numbers(partition.isr), configs_text(all.configs[i])});
        }
    }
    return listing;
}

void print_topics(Writer& out, const TopicsToPrint& all, const TopicReport& report) {
    for (size_t i = 0; i < all.topics.size(); ++i) {
        const kafka::TopicDescription& topic = all.topics[i];
        const auto& entries = all.configs[i];
        bool has_overrides = !std::ranges::all_of(entries, is_default);
        if (shows_all(report) && (!report.overrides_only || has_overrides) &&
            !topic.partitions.empty()) {
            const kafka::PartitionDescription& first = topic.partitions.front();
            out.line("Topic: " + topic.name +
                     (topic.id.is_zero() ? "" : "\tTopicId: " + to_string(topic.id)) +
                     "\tPartitionCount: " + std::to_string(topic.partitions.size()) +
                     "\tReplicationFactor: " +
                     std::to_string(replication_factor(first, moving_of(all, topic, first))) +
                     "\tConfigs: " + configs_text(entries));
        }
        if (report.overrides_only) continue;
        for (const kafka::PartitionDescription& partition : topic.partitions) {
            if (!is_shown(all, i, partition, report)) continue;
            out.line(partition_line(topic.name, partition, moving_of(all, topic, partition)));
        }
    }
}

}  // namespace stoker::cli
