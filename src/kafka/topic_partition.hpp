// A partition by the name of its topic, as Java's TopicPartition.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace stoker::kafka {

struct TopicPartition {
    std::string topic;
    int32_t partition = 0;

    auto operator<=>(const TopicPartition&) const = default;
};

/// "topic-0".
inline std::string to_string(const TopicPartition& where) {
    return where.topic + "-" + std::to_string(where.partition);
}

}  // namespace stoker::kafka
