// A partition's full name, and the folder that holds its log.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"

namespace stoker::storage {

struct TopicPartition {
    std::string topic;
    PartitionId partition{};

    auto operator<=>(const TopicPartition&) const = default;
};

/// "orders-3": the name in log lines and of the folder.
std::string to_string(const TopicPartition& partition);

/// The reverse. Nothing when there is no '-', no topic before it or no number behind it, when the
/// number is not written as to_string writes it, or when the topic is no legal name of a topic.
std::optional<TopicPartition> parse_topic_partition(std::string_view folder);

}  // namespace stoker::storage

template <>
struct std::hash<stoker::storage::TopicPartition> {
    size_t operator()(const stoker::storage::TopicPartition& id) const noexcept {
        return std::hash<std::string_view>{}(id.topic) * 31 + size_t(stoker::raw(id.partition));
    }
};
