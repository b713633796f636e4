#include "storage/topic_partition.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace stoker::storage {

namespace {

constexpr size_t topic_name_size_max = 249;

bool is_legal_topic(std::string_view topic) {
    if (topic.empty() || topic.size() > topic_name_size_max) return false;
    if (topic == "." || topic == "..") return false;
    return std::all_of(topic.begin(), topic.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

}  // namespace

std::string to_string(const TopicPartition& partition) {
    return partition.topic + "-" + std::to_string(raw(partition.partition));
}

std::optional<TopicPartition> parse_topic_partition(std::string_view folder) {
    const size_t dash = folder.rfind('-');
    if (dash == folder.npos) return {};
    const std::string_view topic = folder.substr(0, dash);
    const std::string_view digits = folder.substr(dash + 1);
    int32_t number = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc() || stop != end || number < 0) return {};
    if (digits.size() > 1 && digits.front() == '0') return {};
    if (!is_legal_topic(topic)) return {};
    return TopicPartition{std::string(topic), PartitionId{number}};
}

}  // namespace stoker::storage
