// Records of __cluster_metadata-0: the metadata journal. Api::key is the record type; how they are
// framed is in record_frame.hpp. Types that are not here survive a replay as bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct RegisterBrokerRecord {
    static constexpr Api api{
        .key = 0, .name = "RegisterBrokerRecord", .versions = {0, 4}, .flexible = 0};

    struct BrokerEndpoint {
        std::string name;
        std::string host;
        uint16_t port = 0;
        int16_t security_protocol = 0;  // 0: PLAINTEXT, 1: SSL, 2: SASL_PLAINTEXT, 3: SASL_SSL

        using Self = BrokerEndpoint;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::host>,
            field<&Self::port>,
            field<&Self::security_protocol>};
        bool operator==(const BrokerEndpoint&) const = default;
    };

    struct BrokerFeature {
        std::string name;
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        using Self = BrokerFeature;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::min_supported_version>,
            field<&Self::max_supported_version>};
        bool operator==(const BrokerFeature&) const = default;
    };

    int32_t broker_id = 0;
    bool is_migrating_zk_broker = false;
    Uuid incarnation_id;
    int64_t broker_epoch = 0;
    std::vector<BrokerEndpoint> end_points;
    std::vector<BrokerFeature> features;
    std::optional<std::string> rack = "";
    bool fenced = true;
    bool in_controlled_shutdown = false;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    using Self = RegisterBrokerRecord;
    static constexpr auto fields = Fields{
        field<&Self::broker_id>,
        field<&Self::is_migrating_zk_broker, since(2)>,
        field<&Self::incarnation_id>,
        field<&Self::broker_epoch>,
        field<&Self::end_points>,
        field<&Self::features>,
        field<&Self::rack>,
        field<&Self::fenced>,
        field<&Self::in_controlled_shutdown, since(1)>,
        field<&Self::log_dirs, tagged(0, since(3))>,
        field<&Self::cordoned_log_dirs, tagged(1, since(4))>};
    bool operator==(const RegisterBrokerRecord&) const = default;
};

struct TopicRecord {
    static constexpr Api api{.key = 2, .name = "TopicRecord", .versions = {0, 0}, .flexible = 0};

    std::string name;
    Uuid topic_id;

    using Self = TopicRecord;
    static constexpr auto fields = Fields{
        field<&Self::name>,
        field<&Self::topic_id>};
    bool operator==(const TopicRecord&) const = default;
};

struct PartitionRecord {
    static constexpr Api api{
        .key = 3, .name = "PartitionRecord", .versions = {0, 2}, .flexible = 0};

    PartitionId partition_id{-1};
    Uuid topic_id;
    std::vector<int32_t> replicas;
    std::vector<int32_t> isr;
    std::vector<int32_t> removing_replicas;
    std::vector<int32_t> adding_replicas;
    int32_t leader = -1;
    int8_t leader_recovery_state = 0;  // 1: elected uncleanly, not yet recovered
    LeaderEpoch leader_epoch = LeaderEpoch::none;
    int32_t partition_epoch = -1;
    std::vector<Uuid> directories;  // of the replicas, in their order (KIP-858)
    std::optional<std::vector<int32_t>> eligible_leader_replicas;  // KIP-966
    std::optional<std::vector<int32_t>> last_known_elr;

    using Self = PartitionRecord;
    static constexpr auto fields = Fields{
        field<&Self::partition_id>,
        field<&Self::topic_id>,
        field<&Self::replicas>,
        field<&Self::isr>,
        field<&Self::removing_replicas>,
        field<&Self::adding_replicas>,
        field<&Self::leader>,
        field<&Self::leader_recovery_state, tagged(0)>,
        field<&Self::leader_epoch>,
        field<&Self::partition_epoch>,
        field<&Self::directories, since(1)>,
        field<&Self::eligible_leader_replicas, tagged(1, since(2))>,
        field<&Self::last_known_elr, tagged(2, since(2))>};
    bool operator==(const PartitionRecord&) const = default;
};

struct ConfigRecord {
    static constexpr Api api{.key = 4, .name = "ConfigRecord", .versions = {0, 0}, .flexible = 0};

    int8_t resource_type = 0;  // 2: topic, 4: broker, 16: client metrics, 32: group
    std::string resource_name;
    std::string name;
    std::optional<std::string> value = "";  // null: back to the default

    using Self = ConfigRecord;
    static constexpr auto fields = Fields{
        field<&Self::resource_type>,
        field<&Self::resource_name>,
        field<&Self::name>,
        field<&Self::value>};
    bool operator==(const ConfigRecord&) const = default;
};

struct PartitionChangeRecord {
    static constexpr Api api{
        .key = 5, .name = "PartitionChangeRecord", .versions = {0, 2}, .flexible = 0};

    PartitionId partition_id{-1};
    Uuid topic_id;
    std::optional<std::vector<int32_t>> isr;  // null here and below: unchanged
    int32_t leader = -2;  // -2: unchanged, -1: none
    std::optional<std::vector<int32_t>> replicas;
    std::optional<std::vector<int32_t>> removing_replicas;
    std::optional<std::vector<int32_t>> adding_replicas;
    int8_t leader_recovery_state = -1;  // -1: unchanged
    std::optional<std::vector<Uuid>> directories;
    std::optional<std::vector<int32_t>> eligible_leader_replicas;
    std::optional<std::vector<int32_t>> last_known_elr;

    using Self = PartitionChangeRecord;
    static constexpr auto fields = Fields{
        field<&Self::partition_id>,
        field<&Self::topic_id>,
        field<&Self::isr, tagged(0)>,
        field<&Self::leader, tagged(1)>,
        field<&Self::replicas, tagged(2)>,
        field<&Self::removing_replicas, tagged(3)>,
        field<&Self::adding_replicas, tagged(4)>,
        field<&Self::leader_recovery_state, tagged(5)>,
        field<&Self::directories, tagged(8, since(1))>,
        field<&Self::eligible_leader_replicas, tagged(6, since(2))>,
        field<&Self::last_known_elr, tagged(7, since(2))>};
    bool operator==(const PartitionChangeRecord&) const = default;
};

struct RemoveTopicRecord {
    static constexpr Api api{
        .key = 9, .name = "RemoveTopicRecord", .versions = {0, 0}, .flexible = 0};

    Uuid topic_id;

    using Self = RemoveTopicRecord;
    static constexpr auto fields = Fields{field<&Self::topic_id>};
    bool operator==(const RemoveTopicRecord&) const = default;
};

struct FeatureLevelRecord {
    static constexpr Api api{
        .key = 12, .name = "FeatureLevelRecord", .versions = {0, 0}, .flexible = 0};

    std::string name;
    int16_t feature_level = 0;

    using Self = FeatureLevelRecord;
    static constexpr auto fields = Fields{
        field<&Self::name>,
        field<&Self::feature_level>};
    bool operator==(const FeatureLevelRecord&) const = default;
};

struct ProducerIdsRecord {
    static constexpr Api api{
        .key = 15, .name = "ProducerIdsRecord", .versions = {0, 0}, .flexible = 0};

    int32_t broker_id = 0;
    int64_t broker_epoch = -1;
    ProducerId next_producer_id{};

    using Self = ProducerIdsRecord;
    static constexpr auto fields = Fields{
        field<&Self::broker_id>,
        field<&Self::broker_epoch>,
        field<&Self::next_producer_id>};
    bool operator==(const ProducerIdsRecord&) const = default;
};

struct BrokerRegistrationChangeRecord {
    static constexpr Api api{
        .key = 17, .name = "BrokerRegistrationChangeRecord", .versions = {0, 3},
        .flexible = 0};

    int32_t broker_id = 0;
    int64_t broker_epoch = 0;
    int8_t fenced = 0;  // -1: unfence, 0: unchanged, 1: fence
    int8_t in_controlled_shutdown = 0;
    std::vector<Uuid> log_dirs;
    std::optional<std::vector<Uuid>> cordoned_log_dirs;

    using Self = BrokerRegistrationChangeRecord;
    static constexpr auto fields = Fields{
        field<&Self::broker_id>,
        field<&Self::broker_epoch>,
        field<&Self::fenced, tagged(0)>,
        field<&Self::in_controlled_shutdown, tagged(1, since(1))>,
        field<&Self::log_dirs, tagged(2, since(2))>,
        field<&Self::cordoned_log_dirs, tagged(3, since(3))>};
    bool operator==(const BrokerRegistrationChangeRecord&) const = default;
};

struct ClientQuotaRecord {
    static constexpr Api api{
        .key = 14, .name = "ClientQuotaRecord", .versions = {0, 0}, .flexible = 0};

    struct EntityData {
        std::string entity_type;                // "user", "client-id" or "ip"
        std::optional<std::string> entity_name = "";  // null: the default

        using Self = EntityData;
        static constexpr auto fields = Fields{
            field<&Self::entity_type>,
            field<&Self::entity_name>};
        bool operator==(const EntityData&) const = default;
    };

    std::vector<EntityData> entity;
    std::string key;
    double value = 0;
    bool remove = false;

    using Self = ClientQuotaRecord;
    static constexpr auto fields = Fields{
        field<&Self::entity>,
        field<&Self::key>,
        field<&Self::value>,
        field<&Self::remove>};
    bool operator==(const ClientQuotaRecord&) const = default;
};

/// The numbers are those of the ACL requests (29_describe_acls.hpp).
struct AccessControlEntryRecord {
    static constexpr Api api{
        .key = 18, .name = "AccessControlEntryRecord", .versions = {0, 0}, .flexible = 0};

    Uuid id;
    int8_t resource_type = 0;
    std::string resource_name;
    int8_t pattern_type = 0;
    std::string principal;
    std::string host;
    int8_t operation = 0;
    int8_t permission_type = 0;

    using Self = AccessControlEntryRecord;
    static constexpr auto fields = Fields{
        field<&Self::id>,
        field<&Self::resource_type>,
        field<&Self::resource_name>,
        field<&Self::pattern_type>,
        field<&Self::principal>,
        field<&Self::host>,
        field<&Self::operation>,
        field<&Self::permission_type>};
    bool operator==(const AccessControlEntryRecord&) const = default;
};

struct RemoveAccessControlEntryRecord {
    static constexpr Api api{
        .key = 19, .name = "RemoveAccessControlEntryRecord", .versions = {0, 0}, .flexible = 0};

    Uuid id;

    using Self = RemoveAccessControlEntryRecord;
    static constexpr auto fields = Fields{field<&Self::id>};
    bool operator==(const RemoveAccessControlEntryRecord&) const = default;
};

struct NoOpRecord {
    static constexpr Api api{.key = 20, .name = "NoOpRecord", .versions = {0, 0}, .flexible = 0};

    using Self = NoOpRecord;
    static constexpr auto fields = Fields{};
    bool operator==(const NoOpRecord&) const = default;
};

struct BeginTransactionRecord {
    static constexpr Api api{
        .key = 23, .name = "BeginTransactionRecord", .versions = {0, 0}, .flexible = 0};

    std::optional<std::string> name;

    using Self = BeginTransactionRecord;
    static constexpr auto fields = Fields{field<&Self::name, tagged(0)>};
    bool operator==(const BeginTransactionRecord&) const = default;
};

struct EndTransactionRecord {
    static constexpr Api api{
        .key = 24, .name = "EndTransactionRecord", .versions = {0, 0}, .flexible = 0};

    using Self = EndTransactionRecord;
    static constexpr auto fields = Fields{};
    bool operator==(const EndTransactionRecord&) const = default;
};

struct AbortTransactionRecord {
    static constexpr Api api{
        .key = 25, .name = "AbortTransactionRecord", .versions = {0, 0}, .flexible = 0};

    std::optional<std::string> reason;

    using Self = AbortTransactionRecord;
    static constexpr auto fields = Fields{field<&Self::reason, tagged(0)>};
    bool operator==(const AbortTransactionRecord&) const = default;
};

struct RegisterControllerRecord {
    static constexpr Api api{
        .key = 27, .name = "RegisterControllerRecord", .versions = {0, 0}, .flexible = 0};

    struct ControllerEndpoint {
        std::string name;
        std::string host;
        uint16_t port = 0;
        int16_t security_protocol = 0;

        using Self = ControllerEndpoint;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::host>,
            field<&Self::port>,
            field<&Self::security_protocol>};
        bool operator==(const ControllerEndpoint&) const = default;
    };

    struct ControllerFeature {
        std::string name;
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        using Self = ControllerFeature;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::min_supported_version>,
            field<&Self::max_supported_version>};
        bool operator==(const ControllerFeature&) const = default;
    };

    int32_t controller_id = 0;
    Uuid incarnation_id;
    bool zk_migration_ready = false;
    std::vector<ControllerEndpoint> end_points;
    std::vector<ControllerFeature> features;

    using Self = RegisterControllerRecord;
    static constexpr auto fields = Fields{
        field<&Self::controller_id>,
        field<&Self::incarnation_id>,
        field<&Self::zk_migration_ready>,
        field<&Self::end_points>,
        field<&Self::features>};
    bool operator==(const RegisterControllerRecord&) const = default;
};

}  // namespace stoker::protocol
