// OffsetForLeaderEpoch (API 23): where a leader epoch ends, so that a consumer or follower notices
// that its log has been cut (KIP-101, KIP-320).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct OffsetForLeaderEpochRequest {
    static constexpr Api api{
        .key = 23, .name = "OffsetForLeaderEpoch", .versions = {2, 4}, .flexible = 4};

    struct OffsetForLeaderPartition {
        PartitionId partition{};
        /// what the client believes; -1: unknown
        LeaderEpoch current_leader_epoch = LeaderEpoch::none;
        LeaderEpoch leader_epoch{};  // the one whose end is looked for

        using Self = OffsetForLeaderPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition>,
            field<&Self::current_leader_epoch>,
            field<&Self::leader_epoch>};
        bool operator==(const OffsetForLeaderPartition&) const = default;
    };

    struct OffsetForLeaderTopic {
        std::string topic;
        std::vector<OffsetForLeaderPartition> partitions;

        using Self = OffsetForLeaderTopic;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partitions>};
        bool operator==(const OffsetForLeaderTopic&) const = default;
    };

    int32_t replica_id = -2;  // -1 for a consumer
    std::vector<OffsetForLeaderTopic> topics;

    using Self = OffsetForLeaderEpochRequest;
    static constexpr auto fields = Fields{
        field<&Self::replica_id, ignorable(since(3))>,
        field<&Self::topics>};
    bool operator==(const OffsetForLeaderEpochRequest&) const = default;
};

struct OffsetForLeaderEpochResponse {
    static constexpr Api api = OffsetForLeaderEpochRequest::api;

    struct EpochEndOffset {
        ErrorCode error_code = ErrorCode::none;
        PartitionId partition{};
        /// the greatest that is not greater than the one asked for; -1: none
        LeaderEpoch leader_epoch = LeaderEpoch::none;
        Offset end_offset{-1};  // where the next epoch begins; -1: unknown

        using Self = EpochEndOffset;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::partition>,
            field<&Self::leader_epoch>,
            field<&Self::end_offset>};
        bool operator==(const EpochEndOffset&) const = default;
    };

    struct OffsetForLeaderTopicResult {
        std::string topic;
        std::vector<EpochEndOffset> partitions;

        using Self = OffsetForLeaderTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partitions>};
        bool operator==(const OffsetForLeaderTopicResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<OffsetForLeaderTopicResult> topics;

    using Self = OffsetForLeaderEpochResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::topics>};
    bool operator==(const OffsetForLeaderEpochResponse&) const = default;
};

}  // namespace stoker::protocol
