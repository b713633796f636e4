// Topics through the admin client: list, describe, create, alter, delete.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.hpp"
#include "kafka/admin.hpp"

namespace stoker::kafka {

struct TopicListing {
    std::string name;
    Uuid id;
    bool is_internal = false;
};

struct PartitionDescription {
    int32_t partition = 0;
    /// Negative: none.
    int32_t leader = -1;
    std::vector<int32_t> replicas;
    std::vector<int32_t> isr;
    /// Nothing where the broker does not tell (KIP-966).
    std::optional<std::vector<int32_t>> elr;
    std::optional<std::vector<int32_t>> last_known_elr;
};

struct TopicDescription {
    std::string name;
    Uuid id;
    bool is_internal = false;
    /// In ascending order.
    std::vector<PartitionDescription> partitions;
};

struct NewTopic {
    std::string name;
    /// Nothing: the broker's default, or as assigned.
    std::optional<int32_t> partitions{};
    std::optional<int16_t> replication_factor{};
    std::map<int32_t, std::vector<int32_t>> assignments{};
    std::vector<std::pair<std::string, std::string>> configs{};
};

/// In the order of the broker.
Outcome<std::vector<TopicListing>> list_topics(Admin& admin, bool with_internal,
                                               CallOptions options = {});

/// One outcome for each name, in their order. Partitions are fetched in pages of `page`, from
/// brokers that have no pages all at once.
Outcome<std::vector<Outcome<TopicDescription>>> describe_topics(
    Admin& admin, const std::vector<std::string>& names, int32_t page = 2000,
    CallOptions options = {});
Outcome<std::vector<Outcome<TopicDescription>>> describe_topics(Admin& admin,
                                                                const std::vector<Uuid>& ids);

Outcome<void> create_topic(Admin& admin, const NewTopic& topic);
/// The first that failed, after all were tried.
Outcome<void> delete_topics(Admin& admin, const std::vector<std::string>& names,
                            CallOptions options = {});

struct NewPartitions {
    /// Of all, old and new.
    int32_t total = 0;
    /// The replicas of each new one; empty: the broker chooses.
    std::vector<std::vector<int32_t>> assignments{};
};
/// The first that failed, after all were tried.
Outcome<void> create_partitions(Admin& admin, const std::map<std::string, NewPartitions>& topics);

}  // namespace stoker::kafka
