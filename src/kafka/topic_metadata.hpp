// What producers and consumers know about topics: their ids, partitions and leaders, as the last
// Metadata answer had it, with the lines that Java's NetworkClient and Metadata log about it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "kafka/cluster.hpp"
#include "kafka/topic_partition.hpp"
#include "kafka/wakeup.hpp"

namespace stoker::kafka {

struct PartitionInfo {
    /// -1 while there is none.
    int32_t leader = -1;
    LeaderEpoch leader_epoch = LeaderEpoch::none;
};

struct TopicInfo {
    Uuid id;
    bool is_internal = false;
    /// By the number of the partition.
    std::vector<PartitionInfo> partitions;
};

/// What one look at the cluster found out.
struct MetadataNews {
    /// A topic without a leader, or one that is not known yet: ask again soon.
    bool try_again = false;
    /// Topics that can never be: the names that the broker refuses, and what we may not see.
    std::optional<Failure> refused{};
};

class TopicMetadata {
public:
    /// `name` stands in brackets before the log lines.
    TopicMetadata(Cluster& cluster, std::string name, const Wakeup* wakeup)
        : cluster_(cluster), name_(std::move(name)), wakeup_(wakeup) {}

    /// Asks about these topics (null: about all) and keeps what it hears. Tries until the deadline
    /// and answers wakeups. The failure is a TimeoutException when nobody answered.
    Outcome<MetadataNews> refresh(std::optional<std::vector<std::string>> topics,
                                  bool allow_auto_creation, Deadline deadline);

    /// Null when the topic is not known. Valid until the next refresh.
    const TopicInfo* find(const std::string& topic) const;
    const std::map<std::string, TopicInfo>& topics() const { return topics_; }
    /// The name of a topic by its id; empty when it is not known.
    std::string name_of(const Uuid& id) const;
    /// When refresh() was last answered, on the monotonic clock.
    int64_t refreshed_at_ms() const { return refreshed_at_ms_; }

private:
    Outcome<protocol::MetadataResponse> ask(const protocol::MetadataRequest& request,
                                            Deadline deadline);
    MetadataNews learn(const protocol::MetadataResponse& answer, int32_t correlation_id);

    Cluster& cluster_;
    std::string name_;
    const Wakeup* wakeup_;
    std::map<std::string, TopicInfo> topics_;
    int64_t refreshed_at_ms_ = 0;
    int32_t asked_ = 0;
};

}  // namespace stoker::kafka
