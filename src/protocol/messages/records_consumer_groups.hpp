// Keys and values of __consumer_offsets for groups of the consumer protocol (KIP-848). Framed like
// those in records_consumer_offsets.hpp; Api::key is the type that stands before a key. Committed
// offsets are the same for groups of both protocols.
//
// Beware: classic_member_metadata and assignment_epochs default to something empty, not to null.
// Whoever means null says so, and it is written out, as Apache Kafka does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ConsumerGroupMetadataKey {
    static constexpr Api api{.key = 3, .name = "ConsumerGroupMetadataKey", .versions = {0, 0}};

    std::string group_id;

    using Self = ConsumerGroupMetadataKey;
    static constexpr auto fields = Fields{field<&Self::group_id>};
    bool operator==(const ConsumerGroupMetadataKey&) const = default;
};

struct ConsumerGroupMetadataValue {
    static constexpr Api api{
        .key = 3, .name = "ConsumerGroupMetadataValue", .versions = {0, 0}, .flexible = 0};

    int32_t epoch = 0;
    int64_t metadata_hash = 0;  // of the topics it reads (KIP-1101)

    using Self = ConsumerGroupMetadataValue;
    static constexpr auto fields = Fields{
        field<&Self::epoch>,
        field<&Self::metadata_hash, tagged(0)>};
    bool operator==(const ConsumerGroupMetadataValue&) const = default;
};

struct ConsumerGroupPartitionMetadataKey {
    static constexpr Api api{
        .key = 4, .name = "ConsumerGroupPartitionMetadataKey", .versions = {0, 0}};

    std::string group_id;

    using Self = ConsumerGroupPartitionMetadataKey;
    static constexpr auto fields = Fields{field<&Self::group_id>};
    bool operator==(const ConsumerGroupPartitionMetadataKey&) const = default;
};

struct ConsumerGroupPartitionMetadataValue {
    static constexpr Api api{
        .key = 4, .name = "ConsumerGroupPartitionMetadataValue", .versions = {0, 0},
        .flexible = 0};

    struct PartitionMetadata {
        PartitionId partition{};
        std::vector<std::string> racks;

        using Self = PartitionMetadata;
        static constexpr auto fields = Fields{
            field<&Self::partition>,
            field<&Self::racks>};
        bool operator==(const PartitionMetadata&) const = default;
    };

    struct TopicMetadata {
        Uuid topic_id;
        std::string topic_name;
        int32_t num_partitions = 0;
        std::vector<PartitionMetadata> partition_metadata;  // no longer used since Kafka 4.0

        using Self = TopicMetadata;
        static constexpr auto fields = Fields{
            field<&Self::topic_id>,
            field<&Self::topic_name>,
            field<&Self::num_partitions>,
            field<&Self::partition_metadata>};
        bool operator==(const TopicMetadata&) const = default;
    };

    std::vector<TopicMetadata> topics;

    using Self = ConsumerGroupPartitionMetadataValue;
    static constexpr auto fields = Fields{field<&Self::topics>};
    bool operator==(const ConsumerGroupPartitionMetadataValue&) const = default;
};

struct ConsumerGroupMemberMetadataKey {
    static constexpr Api api{
        .key = 5, .name = "ConsumerGroupMemberMetadataKey", .versions = {0, 0}};

    std::string group_id;
    std::string member_id;

    using Self = ConsumerGroupMemberMetadataKey;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::member_id>};
    bool operator==(const ConsumerGroupMemberMetadataKey&) const = default;
};

struct ConsumerGroupMemberMetadataValue {
    static constexpr Api api{
        .key = 5, .name = "ConsumerGroupMemberMetadataValue", .versions = {0, 0},
        .flexible = 0};

    struct ClassicProtocol {
        std::string name;
        Bytes metadata;

        using Self = ClassicProtocol;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::metadata>};
        bool operator==(const ClassicProtocol&) const = default;
    };

    struct ClassicMemberMetadata {
        int32_t session_timeout_ms = 0;
        std::vector<ClassicProtocol> supported_protocols;

        using Self = ClassicMemberMetadata;
        static constexpr auto fields = Fields{
            field<&Self::session_timeout_ms>,
            field<&Self::supported_protocols>};
        bool operator==(const ClassicMemberMetadata&) const = default;
    };

    std::optional<std::string> instance_id = "";
    std::optional<std::string> rack_id = "";
    std::string client_id;
    std::string client_host;
    std::vector<std::string> subscribed_topic_names;
    std::optional<std::string> subscribed_topic_regex = "";
    int32_t rebalance_timeout_ms = -1;
    std::optional<std::string> server_assignor = "";
    /// null: speaks the consumer protocol
    std::optional<ClassicMemberMetadata> classic_member_metadata = ClassicMemberMetadata{};

    using Self = ConsumerGroupMemberMetadataValue;
    static constexpr auto fields = Fields{
        field<&Self::instance_id>,
        field<&Self::rack_id>,
        field<&Self::client_id>,
        field<&Self::client_host>,
        field<&Self::subscribed_topic_names>,
        field<&Self::subscribed_topic_regex>,
        field<&Self::rebalance_timeout_ms>,
        field<&Self::server_assignor>,
        field<&Self::classic_member_metadata, tagged(0)>};
    bool operator==(const ConsumerGroupMemberMetadataValue&) const = default;
};

struct ConsumerGroupTargetAssignmentMetadataKey {
    static constexpr Api api{
        .key = 6, .name = "ConsumerGroupTargetAssignmentMetadataKey", .versions = {0, 0}};

    std::string group_id;

    using Self = ConsumerGroupTargetAssignmentMetadataKey;
    static constexpr auto fields = Fields{field<&Self::group_id>};
    bool operator==(const ConsumerGroupTargetAssignmentMetadataKey&) const = default;
};

struct ConsumerGroupTargetAssignmentMetadataValue {
    static constexpr Api api{
        .key = 6, .name = "ConsumerGroupTargetAssignmentMetadataValue", .versions = {0, 0},
        .flexible = 0};

    int32_t assignment_epoch = 0;
    int64_t assignment_timestamp = 0;

    using Self = ConsumerGroupTargetAssignmentMetadataValue;
    static constexpr auto fields = Fields{
        field<&Self::assignment_epoch>,
        field<&Self::assignment_timestamp, tagged(0)>};
    bool operator==(const ConsumerGroupTargetAssignmentMetadataValue&) const = default;
};

struct ConsumerGroupTargetAssignmentMemberKey {
    static constexpr Api api{
        .key = 7, .name = "ConsumerGroupTargetAssignmentMemberKey", .versions = {0, 0}};

    std::string group_id;
    std::string member_id;

    using Self = ConsumerGroupTargetAssignmentMemberKey;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::member_id>};
    bool operator==(const ConsumerGroupTargetAssignmentMemberKey&) const = default;
};

struct ConsumerGroupTargetAssignmentMemberValue {
    static constexpr Api api{
        .key = 7, .name = "ConsumerGroupTargetAssignmentMemberValue", .versions = {0, 0},
        .flexible = 0};

    struct TopicPartition {
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        using Self = TopicPartition;
        static constexpr auto fields = Fields{
            field<&Self::topic_id>,
            field<&Self::partitions>};
        bool operator==(const TopicPartition&) const = default;
    };

    std::vector<TopicPartition> topic_partitions;

    using Self = ConsumerGroupTargetAssignmentMemberValue;
    static constexpr auto fields = Fields{field<&Self::topic_partitions>};
    bool operator==(const ConsumerGroupTargetAssignmentMemberValue&) const = default;
};

struct ConsumerGroupCurrentMemberAssignmentKey {
    static constexpr Api api{
        .key = 8, .name = "ConsumerGroupCurrentMemberAssignmentKey", .versions = {0, 0}};

    std::string group_id;
    std::string member_id;

    using Self = ConsumerGroupCurrentMemberAssignmentKey;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::member_id>};
    bool operator==(const ConsumerGroupCurrentMemberAssignmentKey&) const = default;
};

struct ConsumerGroupCurrentMemberAssignmentValue {
    static constexpr Api api{
        .key = 8, .name = "ConsumerGroupCurrentMemberAssignmentValue", .versions = {0, 0},
        .flexible = 0};

    struct TopicPartitions {
        Uuid topic_id;
        std::vector<PartitionId> partitions;
        /// null, or one for each partition: when the member got it
        std::optional<std::vector<int32_t>> assignment_epochs = std::vector<int32_t>{};

        using Self = TopicPartitions;
        static constexpr auto fields = Fields{
            field<&Self::topic_id>,
            field<&Self::partitions>,
            field<&Self::assignment_epochs, tagged(0)>};
        bool operator==(const TopicPartitions&) const = default;
    };

    int32_t member_epoch = 0;
    int32_t previous_member_epoch = 0;  // still accepted, since an answer may have been lost
    int8_t state = 0;  // 0: stable, 1: has partitions to give up, 2: waits for partitions
    std::vector<TopicPartitions> assigned_partitions;
    std::vector<TopicPartitions> partitions_pending_revocation;

    using Self = ConsumerGroupCurrentMemberAssignmentValue;
    static constexpr auto fields = Fields{
        field<&Self::member_epoch>,
        field<&Self::previous_member_epoch>,
        field<&Self::state>,
        field<&Self::assigned_partitions>,
        field<&Self::partitions_pending_revocation>};
    bool operator==(const ConsumerGroupCurrentMemberAssignmentValue&) const = default;
};

struct ConsumerGroupRegularExpressionKey {
    static constexpr Api api{
        .key = 16, .name = "ConsumerGroupRegularExpressionKey", .versions = {0, 0}};

    std::string group_id;
    std::string regular_expression;

    using Self = ConsumerGroupRegularExpressionKey;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::regular_expression>};
    bool operator==(const ConsumerGroupRegularExpressionKey&) const = default;
};

struct ConsumerGroupRegularExpressionValue {
    static constexpr Api api{
        .key = 16, .name = "ConsumerGroupRegularExpressionValue", .versions = {0, 0},
        .flexible = 0};

    std::vector<std::string> topics;  // those that match
    int64_t version = 0;  // of the metadata it was matched with
    int64_t timestamp = 0;

    using Self = ConsumerGroupRegularExpressionValue;
    static constexpr auto fields = Fields{
        field<&Self::topics>,
        field<&Self::version>,
        field<&Self::timestamp>};
    bool operator==(const ConsumerGroupRegularExpressionValue&) const = default;
};

}  // namespace stoker::protocol
