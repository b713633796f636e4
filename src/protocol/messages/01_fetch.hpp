// Fetch (API 1): record batches to consumers, as a long poll, within a session since version 7
// (KIP-227); topics by id since version 13 (KIP-516).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "base/uuid.hpp"
#include "protocol/records.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct FetchRequest {
    static constexpr Api api{.key = 1, .name = "Fetch", .versions = {4, 18}, .flexible = 12};

    struct ReplicaState {
        int32_t replica_id = -1;  // -1 for a consumer
        int64_t replica_epoch = -1;

        using Self = ReplicaState;
        static constexpr auto fields = Fields{
            field<&Self::replica_id, since(15)>,
            field<&Self::replica_epoch, since(15)>};
        bool operator==(const ReplicaState&) const = default;
    };

    struct FetchPartition {
        PartitionId partition{};
        LeaderEpoch current_leader_epoch = LeaderEpoch::none;  // -1: unknown
        Offset fetch_offset{};
        LeaderEpoch last_fetched_epoch = LeaderEpoch::none;  // finds a diverging log (KIP-595)
        Offset log_start_offset{-1};  // a follower's own; -1 from a consumer
        int32_t partition_max_bytes = 0;
        Uuid replica_directory_id;  // KIP-853
        Offset high_watermark{std::numeric_limits<int64_t>::max()};

        using Self = FetchPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition>,
            field<&Self::current_leader_epoch, ignorable(since(9))>,
            field<&Self::fetch_offset>,
            field<&Self::last_fetched_epoch, since(12)>,
            field<&Self::log_start_offset, ignorable(since(5))>,
            field<&Self::partition_max_bytes>,
            field<&Self::replica_directory_id, tagged(0, ignorable(since(17)))>,
            field<&Self::high_watermark, tagged(1, ignorable(since(18)))>};
        bool operator==(const FetchPartition&) const = default;
    };

    struct FetchTopic {
        std::string topic;
        Uuid topic_id;
        std::vector<FetchPartition> partitions;

        using Self = FetchTopic;
        static constexpr auto fields = Fields{
            field<&Self::topic, ignorable(until(12))>,
            field<&Self::topic_id, ignorable(since(13))>,
            field<&Self::partitions>};
        bool operator==(const FetchTopic&) const = default;
    };

    struct ForgottenTopic {
        std::string topic;
        Uuid topic_id;
        std::vector<PartitionId> partitions;

        using Self = ForgottenTopic;
        static constexpr auto fields = Fields{
            field<&Self::topic, ignorable(between(7, 12))>,
            field<&Self::topic_id, ignorable(since(13))>,
            field<&Self::partitions, since(7)>};
        bool operator==(const ForgottenTopic&) const = default;
    };

    std::optional<std::string> cluster_id;  // for the KRaft quorum only
    int32_t replica_id = -1;  // -1 for a consumer
    ReplicaState replica_state;  // KIP-903
    int32_t max_wait_ms = 0;
    int32_t min_bytes = 0;
    int32_t max_bytes = std::numeric_limits<int32_t>::max();
    int8_t isolation_level = 0;  // 0: read_uncommitted, 1: read_committed
    int32_t session_id = 0;  // 0: none yet (KIP-227)
    int32_t session_epoch = -1;  // 0: open a session, -1: without one
    std::vector<FetchTopic> topics;
    std::vector<ForgottenTopic> forgotten_topics_data;  // leave the session
    std::string rack_id;  // KIP-392

    using Self = FetchRequest;
    static constexpr auto fields = Fields{
        field<&Self::cluster_id, tagged(0, ignorable(since(12)))>,
        field<&Self::replica_id, until(14)>,
        field<&Self::replica_state, tagged(1, since(15))>,
        field<&Self::max_wait_ms>,
        field<&Self::min_bytes>,
        field<&Self::max_bytes>,
        field<&Self::isolation_level>,
        field<&Self::session_id, ignorable(since(7))>,
        field<&Self::session_epoch, ignorable(since(7))>,
        field<&Self::topics>,
        field<&Self::forgotten_topics_data, since(7)>,
        field<&Self::rack_id, ignorable(since(11))>};
    bool operator==(const FetchRequest&) const = default;
};

struct FetchResponse {
    static constexpr Api api = FetchRequest::api;

    struct EpochEndOffset {
        LeaderEpoch epoch = LeaderEpoch::none;
        Offset end_offset{-1};

        using Self = EpochEndOffset;
        static constexpr auto fields = Fields{
            field<&Self::epoch, since(12)>,
            field<&Self::end_offset, since(12)>};
        bool operator==(const EpochEndOffset&) const = default;
    };

    struct LeaderIdAndEpoch {
        int32_t leader_id = -1;
        LeaderEpoch leader_epoch = LeaderEpoch::none;

        using Self = LeaderIdAndEpoch;
        static constexpr auto fields = Fields{
            field<&Self::leader_id, since(12)>,
            field<&Self::leader_epoch, since(12)>};
        bool operator==(const LeaderIdAndEpoch&) const = default;
    };

    struct SnapshotId {
        Offset end_offset{-1};
        LeaderEpoch epoch = LeaderEpoch::none;

        using Self = SnapshotId;
        static constexpr auto fields = Fields{
            field<&Self::end_offset>,
            field<&Self::epoch>};
        bool operator==(const SnapshotId&) const = default;
    };

    struct AbortedTransaction {
        ProducerId producer_id{};
        Offset first_offset{};

        using Self = AbortedTransaction;
        static constexpr auto fields = Fields{
            field<&Self::producer_id>,
            field<&Self::first_offset>};
        bool operator==(const AbortedTransaction&) const = default;
    };

    struct PartitionData {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;
        Offset high_watermark{};
        Offset last_stable_offset{-1};
        Offset log_start_offset{-1};
        EpochEndOffset diverging_epoch;  // KIP-595
        LeaderIdAndEpoch current_leader;  // KIP-951
        SnapshotId snapshot_id;  // for the KRaft quorum only
        /// null under read_uncommitted
        std::optional<std::vector<AbortedTransaction>> aborted_transactions =
            std::vector<AbortedTransaction>{};
        int32_t preferred_read_replica = -1;  // KIP-392
        std::optional<Records> records;

        using Self = PartitionData;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>,
            field<&Self::high_watermark>,
            field<&Self::last_stable_offset>,
            field<&Self::log_start_offset, ignorable(since(5))>,
            field<&Self::diverging_epoch, tagged(0, since(12))>,
            field<&Self::current_leader, tagged(1, since(12))>,
            field<&Self::snapshot_id, tagged(2, since(12))>,
            field<&Self::aborted_transactions>,
            field<&Self::preferred_read_replica, since(11)>,
            field<&Self::records>};
        bool operator==(const PartitionData&) const = default;
    };

    struct FetchableTopicResponse {
        std::string topic;
        Uuid topic_id;
        std::vector<PartitionData> partitions;

        using Self = FetchableTopicResponse;
        static constexpr auto fields = Fields{
            field<&Self::topic, ignorable(until(12))>,
            field<&Self::topic_id, ignorable(since(13))>,
            field<&Self::partitions>};
        bool operator==(const FetchableTopicResponse&) const = default;
    };

    struct NodeEndpoint {
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;

        using Self = NodeEndpoint;
        static constexpr auto fields = Fields{
            field<&Self::node_id, since(16)>,
            field<&Self::host, since(16)>,
            field<&Self::port, since(16)>,
            field<&Self::rack, since(16)>};
        bool operator==(const NodeEndpoint&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    int32_t session_id = 0;  // 0: without a session
    std::vector<FetchableTopicResponse> responses;
    std::vector<NodeEndpoint> node_endpoints;  // KIP-951

    using Self = FetchResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code, ignorable(since(7))>,
        field<&Self::session_id, since(7)>,
        field<&Self::responses>,
        field<&Self::node_endpoints, tagged(0, since(16))>};
    bool operator==(const FetchResponse&) const = default;
};

}  // namespace stoker::protocol
