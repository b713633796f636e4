// What the exporter knows of a cluster at one moment: plain values, so that the text of a scrape
// can be made, and tested, without a cluster.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/topic_partition.hpp"

namespace stoker::exporter {

using kafka::TopicPartition;

struct Broker {
    int32_t id = -1;
    std::string address;  // host:port
};

struct PartitionState {
    int32_t leader = -1;
    std::vector<int32_t> replicas{};
    std::vector<int32_t> in_sync{};
    /// Nothing where the leader did not say.
    std::optional<int64_t> earliest{};
    std::optional<int64_t> latest{};
};

/// Who reads a partition.
struct Member {
    std::string host;
    std::string consumer_id;
    std::string client_id;
};

struct Group {
    size_t members = 0;
    /// Its members are of no protocol that subscribes: partitions are chosen by hand.
    bool simple = false;
    std::map<TopicPartition, int64_t> committed;
    std::map<TopicPartition, Member> owners;
};

struct Snapshot {
    std::string cluster_id{};
    std::vector<Broker> brokers{};
    std::map<std::string, std::vector<PartitionState>> topics{};  // partitions by their number
    std::map<std::string, Group> groups{};

    /// Null when there is none.
    const PartitionState* find(const TopicPartition& where) const {
        const auto topic = topics.find(where.topic);
        if (topic == topics.end() || where.partition < 0) return nullptr;
        const auto at = size_t(where.partition);
        return at < topic->second.size() ? &topic->second[at] : nullptr;
    }
};

}  // namespace stoker::exporter
