#include "broker/topic.hpp"

#include <algorithm>

namespace stoker::broker {
namespace {

bool legal(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

std::optional<std::string> why_invalid(const std::string& name) {
    if (name.empty()) return "the empty string is not allowed";
    if (name == "." || name == "..") return "'" + name + "' is not allowed";
    if (name.size() > topic_name_max)
        return "the length of '" + name + "' is longer than the max allowed length " +
               std::to_string(topic_name_max);
    if (!std::ranges::all_of(name, legal))
        return "'" + name +
               "' contains one or more characters other than ASCII alphanumerics, '.', '_' and "
               "'-'";
    return std::nullopt;
}

}  // namespace

bool Topic::internal() const {
    return name == group_metadata_topic || name == transaction_state_topic ||
           name == "__share_group_state";
}

std::shared_ptr<Partition> Topic::partition(PartitionId id) const {
    if (!has(id)) return nullptr;
    return partitions[size_t(raw(id))];
}

std::optional<std::string> invalid_topic_name(const std::string& name) {
    if (auto why = why_invalid(name)) return "Topic name is invalid: " + *why;
    return std::nullopt;
}

}  // namespace stoker::broker
