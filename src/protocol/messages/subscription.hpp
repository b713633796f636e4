// What the members of a classic consumer group tell their leader and get back from it. The broker
// looks inside only to tell which topics a group reads. An int16 version stands in front of both
// (encode_value in record_frame.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ConsumerProtocolSubscription {
    static constexpr Api api{
        .key = -1, .name = "ConsumerProtocolSubscription", .versions = {0, 3}};

    struct TopicPartition {
        std::string topic;
        std::vector<PartitionId> partitions;

        using Self = TopicPartition;
        static constexpr auto fields = Fields{
            field<&Self::topic, since(1)>,
            field<&Self::partitions, since(1)>};
        bool operator==(const TopicPartition&) const = default;
    };

    std::vector<std::string> topics;
    std::optional<Bytes> user_data;
    std::vector<TopicPartition> owned_partitions;  // for cooperative rebalances (KIP-429)
    int32_t generation_id = -1;
    std::optional<std::string> rack_id;  // KIP-881

    using Self = ConsumerProtocolSubscription;
    static constexpr auto fields = Fields{
        field<&Self::topics>,
        field<&Self::user_data>,
        field<&Self::owned_partitions, ignorable(since(1))>,
        field<&Self::generation_id, ignorable(since(2))>,
        field<&Self::rack_id, ignorable(since(3))>};
    bool operator==(const ConsumerProtocolSubscription&) const = default;
};

struct ConsumerProtocolAssignment {
    static constexpr Api api{.key = -1, .name = "ConsumerProtocolAssignment", .versions = {0, 3}};

    struct TopicPartition {
        std::string topic;
        std::vector<PartitionId> partitions;

        using Self = TopicPartition;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partitions>};
        bool operator==(const TopicPartition&) const = default;
    };

    std::vector<TopicPartition> assigned_partitions;
    std::optional<Bytes> user_data;

    using Self = ConsumerProtocolAssignment;
    static constexpr auto fields = Fields{
        field<&Self::assigned_partitions>,
        field<&Self::user_data>};
    bool operator==(const ConsumerProtocolAssignment&) const = default;
};

/// With the version in front. A version that we do not know is read as the latest that we do, and
/// what follows is ignored, as the group protocol asks of every reader. Throws MalformedMessage.
ConsumerProtocolSubscription read_subscription(ByteView bytes);
ConsumerProtocolAssignment read_assignment(ByteView bytes);

}  // namespace stoker::protocol
