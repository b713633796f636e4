#include "broker/metadata/metadata_image.hpp"

#include <utility>

#include "protocol/messages/records_metadata.hpp"
#include "protocol/messages/records_scram.hpp"

namespace stoker::broker {

using protocol::MalformedMessage;
using protocol::StoredMessage;

namespace {

template <protocol::Message T>
T body_of(const StoredMessage& record) {
    return protocol::decode<T>(record.body, record.version);
}

Acl acl_of(const protocol::AccessControlEntryRecord& entry) {
    return {.resource = acl_resource(entry.resource_type),
            .name = entry.resource_name,
            .pattern = acl_pattern(entry.pattern_type),
            .principal = entry.principal,
            .host = entry.host,
            .operation = acl_operation(entry.operation),
            .permission = acl_permission(entry.permission_type)};
}

}  // namespace

void MetadataImage::apply(const StoredMessage& record) {
    switch (record.type) {
        case protocol::TopicRecord::api.key: {
            auto topic = body_of<protocol::TopicRecord>(record);
            if (!ids_.emplace(topic.name, topic.topic_id).second)
                throw MalformedMessage("topic " + topic.name + " is created twice");
            topics_[topic.topic_id] = {.name = topic.name, .id = topic.topic_id, .partitions = {}};
            return;
        }
        case protocol::PartitionRecord::api.key:
            return apply_partition(record);
        case protocol::PartitionChangeRecord::api.key:
            return apply_partition_change(record);
        case protocol::ConfigRecord::api.key:
            return apply_config(record);
        case protocol::RemoveTopicRecord::api.key:
            return remove_topic(body_of<protocol::RemoveTopicRecord>(record).topic_id);
        case protocol::FeatureLevelRecord::api.key: {
            auto feature = body_of<protocol::FeatureLevelRecord>(record);
            if (feature.feature_level == 0)
                features_.erase(feature.name);
            else
                features_[feature.name] = feature.feature_level;
            return;
        }
        case protocol::ProducerIdsRecord::api.key:
            next_producer_id_ = body_of<protocol::ProducerIdsRecord>(record).next_producer_id;
            return;
        case protocol::AccessControlEntryRecord::api.key:
        case protocol::RemoveAccessControlEntryRecord::api.key:
            return apply_acl(record);
        case protocol::ClientQuotaRecord::api.key:
            return apply_quota(record);
        case protocol::UserScramCredentialRecord::api.key:
            return apply_scram(record);
        case protocol::RemoveUserScramCredentialRecord::api.key: {
            auto gone = body_of<protocol::RemoveUserScramCredentialRecord>(record);
            scram_.erase({security::ScramMechanism(gone.mechanism), gone.name});
            return;
        }
        default:
            return;
    }
}

void MetadataImage::apply_acl(const StoredMessage& record) {
    if (record.type == protocol::AccessControlEntryRecord::api.key) {
        auto entry = body_of<protocol::AccessControlEntryRecord>(record);
        acls_[entry.id] = acl_of(entry);
        return;
    }
    auto removed = body_of<protocol::RemoveAccessControlEntryRecord>(record);
    if (acls_.erase(removed.id) == 0) throw MalformedMessage("an ACL is removed that is not there");
}

void MetadataImage::apply_quota(const StoredMessage& record) {
    auto change = body_of<protocol::ClientQuotaRecord>(record);
    QuotaEntity entity;
    for (auto& part : change.entity) entity[part.entity_type] = part.entity_name;
    if (!change.remove) {
        quotas_[entity][change.key] = change.value;
        return;
    }
    auto found = quotas_.find(entity);
    if (found == quotas_.end()) return;
    found->second.erase(change.key);
    if (found->second.empty()) quotas_.erase(found);
}

void MetadataImage::apply_scram(const StoredMessage& record) {
    auto user = body_of<protocol::UserScramCredentialRecord>(record);
    scram_[{security::ScramMechanism(user.mechanism), user.name}] = {
        .salt = std::move(user.salt),
        .stored_key = std::move(user.stored_key),
        .server_key = std::move(user.server_key),
        .iterations = user.iterations};
}

void MetadataImage::apply_partition(const StoredMessage& record) {
    auto change = body_of<protocol::PartitionRecord>(record);
    auto topic = topics_.find(change.topic_id);
    if (topic == topics_.end()) throw MalformedMessage("a partition of a topic that is not there");
    auto& partitions = topic->second.partitions;
    if (raw(change.partition_id) != std::ssize(partitions))
        throw MalformedMessage("partitions of " + topic->second.name + " out of order");
    partitions.push_back({.leader = change.leader,
                          .leader_epoch = change.leader_epoch,
                          .partition_epoch = change.partition_epoch});
}

void MetadataImage::apply_partition_change(const StoredMessage& record) {
    constexpr int32_t leader_unchanged = -2;
    auto change = body_of<protocol::PartitionChangeRecord>(record);
    PartitionState& state = partition(change.topic_id, change.partition_id);
    ++state.partition_epoch;
    if (change.leader == leader_unchanged) return;
    state.leader = change.leader;
    state.leader_epoch = LeaderEpoch{raw(state.leader_epoch) + 1};
}

void MetadataImage::apply_config(const StoredMessage& record) {
    auto change = body_of<protocol::ConfigRecord>(record);
    Resource resource{ResourceType(change.resource_type), change.resource_name};
    if (change.value) {
        configs_[resource][change.name] = *change.value;
        return;
    }
    auto found = configs_.find(resource);
    if (found == configs_.end()) return;
    found->second.erase(change.name);
    if (found->second.empty()) configs_.erase(found);
}

void MetadataImage::remove_topic(const Uuid& id) {
    auto topic = topics_.find(id);
    if (topic == topics_.end()) throw MalformedMessage("a topic is removed that is not there");
    configs_.erase({ResourceType::topic, topic->second.name});
    ids_.erase(topic->second.name);
    topics_.erase(topic);
}

MetadataImage::PartitionState& MetadataImage::partition(const Uuid& topic_id, PartitionId id) {
    auto topic = topics_.find(topic_id);
    if (topic == topics_.end() || raw(id) < 0 || raw(id) >= std::ssize(topic->second.partitions))
        throw MalformedMessage("a change of a partition that is not there");
    return topic->second.partitions[size_t(raw(id))];
}

const MetadataImage::TopicState* MetadataImage::find(const Uuid& id) const {
    auto found = topics_.find(id);
    return found == topics_.end() ? nullptr : &found->second;
}

const MetadataImage::TopicState* MetadataImage::find(const std::string& name) const {
    auto found = ids_.find(name);
    return found == ids_.end() ? nullptr : find(found->second);
}

const ConfigMap& MetadataImage::configs(ResourceType type, const std::string& name) const {
    static const ConfigMap none;
    auto found = configs_.find({type, name});
    return found == configs_.end() ? none : found->second;
}

void MetadataReplay::apply(const StoredMessage& record) {
    switch (record.type) {
        case protocol::BeginTransactionRecord::api.key:
            if (before_transaction_) throw MalformedMessage("a transaction begins inside another");
            before_transaction_ = image_;
            return;
        case protocol::EndTransactionRecord::api.key:
            before_transaction_.reset();
            return;
        case protocol::AbortTransactionRecord::api.key:
            finish();
            return;
        default:
            image_.apply(record);
    }
}

bool MetadataReplay::finish() {
    if (!before_transaction_) return false;
    image_ = std::move(*before_transaction_);
    before_transaction_.reset();
    return true;
}

}  // namespace stoker::broker
