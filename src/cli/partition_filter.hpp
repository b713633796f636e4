// Which partitions a user means: a topic's regular expression with numbers or ranges of partitions
// (kafka-get-offsets, kafka-console-consumer's relatives).
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/topic_filter.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::cli {

class PartitionFilter {
public:
    /// "topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3". Throws KafkaException.
    static PartitionFilter of_rules(const std::string& rules);
    /// A regular expression (none: all topics) and numbers separated by commas (none: all).
    static PartitionFilter of_topic(const std::optional<std::string>& topic,
                                    const std::string& partitions);

    bool allows_topic(std::string_view topic) const;
    bool allows(const kafka::TopicPartition& where) const;

private:
    struct Rule {
        TopicFilter topic;
        /// Empty: those from `first` to before `end`.
        std::set<int32_t> numbers{};
        int32_t first = 0;
        int32_t end = INT32_MAX;
    };
    static Rule parse_rule(const std::string& text);

    std::vector<Rule> rules_;
};

}  // namespace stoker::cli
