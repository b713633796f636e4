// The pure parts of kafka-topics: what --create takes, and the lines of --describe.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/listing.hpp"
#include "cli/writer.hpp"
#include "kafka/admin_configs.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"

namespace stoker::cli {

/// "1:2,2:1": the replicas of partition 0, 1 and so on. Throws KafkaException.
std::map<int32_t, std::vector<int32_t>> parse_replica_assignment(const std::string& text);
/// "key=value" words, checked as the broker would. Throws KafkaException.
std::vector<std::pair<std::string, std::string>> parse_topic_configs(
    const std::vector<std::string>& words);

struct TopicsToPrint {
    std::vector<kafka::TopicDescription> topics;
    /// Of the topics, in their order.
    std::vector<std::vector<kafka::ConfigEntry>> configs;
    std::map<kafka::TopicPartition, kafka::Reassignment> reassignments;
    std::set<int32_t> live_brokers;
};

struct TopicReport {
    bool under_replicated = false;
    bool unavailable = false;
    bool under_min_isr = false;
    bool at_min_isr = false;
    bool overrides_only = false;
};

/// A row for each partition that the report shows.
Listing list_topics_described(const TopicsToPrint& all, const TopicReport& report);
void print_topics(Writer& out, const TopicsToPrint& all, const TopicReport& report);

}  // namespace stoker::cli
