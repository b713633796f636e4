// The offsets that one group has committed, by topic and partition.
// Threads: whoever holds the shard's lock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"

namespace stoker::broker {

/// As stored. The id of a topic of older commits is zero.
using CommittedOffset = protocol::OffsetCommitValue;

/// Whether an offset that was committed under one topic id may be given to who asks for the other:
/// after a topic was deleted and created again, its old offsets mean nothing. An id that one side
/// does not know settles nothing.
inline bool same_topic(const Uuid& a, const Uuid& b) {
    return a.is_zero() || b.is_zero() || a == b;
}

class CommittedOffsets {
public:
    using Partitions = std::map<PartitionId, CommittedOffset>;
    using Topics = std::map<std::string, Partitions, std::less<>>;

    const Topics& topics() const { return topics_; }
    bool empty() const { return topics_.empty(); }

    const CommittedOffset* find(std::string_view topic, PartitionId partition) const {
        const auto partitions = topics_.find(topic);
        if (partitions == topics_.end()) return nullptr;
        const auto offset = partitions->second.find(partition);
        return offset == partitions->second.end() ? nullptr : &offset->second;
    }
    void put(const std::string& topic, PartitionId partition, CommittedOffset offset) {
        topics_[topic].insert_or_assign(partition, std::move(offset));
    }
    void remove(std::string_view topic, PartitionId partition) {
        const auto partitions = topics_.find(topic);
        if (partitions == topics_.end()) return;
        partitions->second.erase(partition);
        if (partitions->second.empty()) topics_.erase(partitions);
    }

private:
    Topics topics_;
};

}  // namespace stoker::broker
