// What the cluster metadata log says, as a value: topics, partitions, dynamic configs, features,
// ACLs, quotas, SCRAM users, the next producer id. One function applies a record, live and at
// replay, so that image(replay(log)) == live image. Not thread-safe: its owner has the lock.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "broker/config/config_entry.hpp"
#include "broker/quota/quota_entity.hpp"
#include "broker/security/acl.hpp"
#include "protocol/record_frame.hpp"
#include "security/scram.hpp"

namespace stoker::broker {

/// Kafka's ConfigResource types.
enum class ResourceType : int8_t {
    unknown = 0,
    topic = 2,
    broker = 4,
    broker_logger = 8,
    client_metrics = 16,
    group = 32,
};

class MetadataImage {
public:
    struct PartitionState {
        int32_t leader = -1;
        LeaderEpoch leader_epoch = LeaderEpoch::none;
        int32_t partition_epoch = 0;
        bool operator==(const PartitionState&) const = default;
    };
    struct TopicState {
        std::string name;
        Uuid id;
        std::vector<PartitionState> partitions;  // by PartitionId
        bool operator==(const TopicState&) const = default;
    };
    /// "" is the default of all resources of the type.
    using Resource = std::pair<ResourceType, std::string>;

    /// Applies one record. Types that concern nothing of ours are passed over; they stay in the
    /// log. Throws MalformedMessage, also for a record that contradicts those before it.
    void apply(const protocol::StoredMessage& record);

    const TopicState* find(const Uuid& id) const;
    const TopicState* find(const std::string& name) const;
    const std::unordered_map<Uuid, TopicState>& topics() const { return topics_; }
    /// Empty when nothing was set.
    const ConfigMap& configs(ResourceType type, const std::string& name) const;
    const std::map<Resource, ConfigMap>& configured() const { return configs_; }
    const std::map<std::string, int16_t>& features() const { return features_; }
    const std::unordered_map<Uuid, Acl>& acls() const { return acls_; }
    const QuotaMap& quotas() const { return quotas_; }
    ProducerId next_producer_id() const { return next_producer_id_; }
    using ScramUser = std::pair<security::ScramMechanism, std::string>;
    const std::map<ScramUser, security::ScramCredential>& scram() const { return scram_; }

    bool operator==(const MetadataImage&) const = default;

private:
    void apply_partition(const protocol::StoredMessage& record);
    void apply_partition_change(const protocol::StoredMessage& record);
    void apply_config(const protocol::StoredMessage& record);
    void apply_acl(const protocol::StoredMessage& record);
    void apply_quota(const protocol::StoredMessage& record);
    void apply_scram(const protocol::StoredMessage& record);
    void remove_topic(const Uuid& id);
    PartitionState& partition(const Uuid& topic_id, PartitionId id);

    std::unordered_map<Uuid, TopicState> topics_;
    std::unordered_map<std::string, Uuid> ids_;
    std::map<Resource, ConfigMap> configs_;
    std::map<std::string, int16_t> features_;
    std::unordered_map<Uuid, Acl> acls_;
    QuotaMap quotas_;
    ProducerId next_producer_id_{0};
    std::map<ScramUser, security::ScramCredential> scram_;
};

/// Replays a journal into an image. What a metadata transaction did counts when it has ended
/// (KIP-868); Apache Kafka writes the first records of a cluster in one.
class MetadataReplay {
public:
    explicit MetadataReplay(MetadataImage& image) : image_(image) {}

    /// As MetadataImage::apply().
    void apply(const protocol::StoredMessage& record);
    /// The journal is over. True when it ended inside a transaction: its changes are taken back,
    /// and the journal must say that it is aborted.
    bool finish();

private:
    MetadataImage& image_;
    std::optional<MetadataImage> before_transaction_;
};

}  // namespace stoker::broker
