// DescribeQuorum (API 55): leader, voters and observers of the KRaft quorum (KIP-595, KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeQuorumRequest {
    static constexpr Api api{
        .key = 55, .name = "DescribeQuorum", .versions = {0, 2}, .flexible = 0};

    struct PartitionData {
        PartitionId partition_index{};

        using Self = PartitionData;
        static constexpr auto fields = Fields{field<&Self::partition_index>};
        bool operator==(const PartitionData&) const = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        using Self = TopicData;
        static constexpr auto fields = Fields{
            field<&Self::topic_name>,
            field<&Self::partitions>};
        bool operator==(const TopicData&) const = default;
    };

    std::vector<TopicData> topics;

    using Self = DescribeQuorumRequest;
    static constexpr auto fields = Fields{field<&Self::topics>};
    bool operator==(const DescribeQuorumRequest&) const = default;
};

struct DescribeQuorumResponse {
    static constexpr Api api = DescribeQuorumRequest::api;

    struct ReplicaState {
        int32_t replica_id = 0;
        Uuid replica_directory_id;  // KIP-853
        Offset log_end_offset{};  // -1: unknown
        int64_t last_fetch_timestamp = -1;  // by the clock of the leader; -1: unknown
        int64_t last_caught_up_timestamp = -1;  // the same

        using Self = ReplicaState;
        static constexpr auto fields = Fields{
            field<&Self::replica_id>,
            field<&Self::replica_directory_id, since(2)>,
            field<&Self::log_end_offset>,
            field<&Self::last_fetch_timestamp, ignorable(since(1))>,
            field<&Self::last_caught_up_timestamp, ignorable(since(1))>};
        bool operator==(const ReplicaState&) const = default;
    };

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        int32_t leader_id = 0;  // -1: unknown
        LeaderEpoch leader_epoch{};
        Offset high_watermark{};
        std::vector<ReplicaState> current_voters;
        std::vector<ReplicaState> observers;

        using Self = PartitionData;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>,
            field<&Self::error_message, ignorable(since(2))>,
            field<&Self::leader_id>,
            field<&Self::leader_epoch>,
            field<&Self::high_watermark>,
            field<&Self::current_voters>,
            field<&Self::observers>};
        bool operator==(const PartitionData&) const = default;
    };

    struct TopicData {
        std::string topic_name;
        std::vector<PartitionData> partitions;

        using Self = TopicData;
        static constexpr auto fields = Fields{
            field<&Self::topic_name>,
            field<&Self::partitions>};
        bool operator==(const TopicData&) const = default;
    };

    struct Listener {
        std::string name;
        std::string host;
        uint16_t port = 0;

        using Self = Listener;
        static constexpr auto fields = Fields{
            field<&Self::name, since(2)>,
            field<&Self::host, since(2)>,
            field<&Self::port, since(2)>};
        bool operator==(const Listener&) const = default;
    };

    struct Node {
        int32_t node_id = 0;
        std::vector<Listener> listeners;

        using Self = Node;
        static constexpr auto fields = Fields{
            field<&Self::node_id, since(2)>,
            field<&Self::listeners, since(2)>};
        bool operator==(const Node&) const = default;
    };

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<TopicData> topics;
    std::vector<Node> nodes;

    using Self = DescribeQuorumResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::error_message, ignorable(since(2))>,
        field<&Self::topics>,
        field<&Self::nodes, since(2)>};
    bool operator==(const DescribeQuorumResponse&) const = default;
};

}  // namespace stoker::protocol
