// The offsets that one group has committed, by topic and partition, and those that the open
// transactions of producers will commit for it (KIP-98, KIP-447).
// Threads: whoever holds the shard's lock.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"

namespace stoker::broker {

/// As stored, and where: of two commits the later record counts, whichever of them was decided
/// later. The id of a topic of older commits is zero.
struct CommittedOffset : protocol::OffsetCommitValue {
    Offset record_offset{-1};
};

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

/// What becomes of a group's offsets when the transactions of these producers are committed.
class PendingOffsets {
public:
    using Producers = std::map<ProducerId, CommittedOffsets>;

    const Producers& producers() const { return producers_; }
    bool empty() const { return producers_.empty(); }

    bool contain(std::string_view topic, PartitionId partition) const {
        return std::ranges::any_of(producers_, [&](const auto& each) {
            return each.second.find(topic, partition) != nullptr;
        });
    }
    void put(ProducerId producer, const std::string& topic, PartitionId partition,
             CommittedOffset offset) {
        producers_[producer].put(topic, partition, std::move(offset));
    }
    /// For all producers.
    void remove(std::string_view topic, PartitionId partition) {
        for (auto& [producer, offsets] : producers_) offsets.remove(topic, partition);
        std::erase_if(producers_, [](const auto& each) { return each.second.empty(); });
    }
    /// Those of one producer are pending no more.
    CommittedOffsets take(ProducerId producer) {
        auto taken = producers_.extract(producer);
        return taken ? std::move(taken.mapped()) : CommittedOffsets();
    }

private:
    Producers producers_;
};

}  // namespace stoker::broker
