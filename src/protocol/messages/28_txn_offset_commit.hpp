// TxnOffsetCommit (API 28): how far a group has read, as part of a transaction (KIP-98, KIP-447).
// Version 5 is that of transactions v2: the transaction need not know of it before (KIP-890).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct TxnOffsetCommitRequest {
    static constexpr Api api{
        .key = 28, .name = "TxnOffsetCommit", .versions = {0, 5}, .flexible = 3};

    struct TxnOffsetCommitRequestPartition {
        PartitionId partition_index{};
        Offset committed_offset{};
        LeaderEpoch committed_leader_epoch = LeaderEpoch::none;
        std::optional<std::string> committed_metadata = "";

        using Self = TxnOffsetCommitRequestPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::committed_offset>,
            field<&Self::committed_leader_epoch, ignorable(since(2))>,
            field<&Self::committed_metadata>};
        bool operator==(const TxnOffsetCommitRequestPartition&) const = default;
    };

    struct TxnOffsetCommitRequestTopic {
        std::string name;
        std::vector<TxnOffsetCommitRequestPartition> partitions;

        using Self = TxnOffsetCommitRequestTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const TxnOffsetCommitRequestTopic&) const = default;
    };

    std::string transactional_id;
    std::string group_id;
    ProducerId producer_id{};
    int16_t producer_epoch = 0;
    int32_t generation_id = -1;
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::vector<TxnOffsetCommitRequestTopic> topics;

    using Self = TxnOffsetCommitRequest;
    static constexpr auto fields = Fields{
        field<&Self::transactional_id>,
        field<&Self::group_id>,
        field<&Self::producer_id>,
        field<&Self::producer_epoch>,
        field<&Self::generation_id, since(3)>,
        field<&Self::member_id, since(3)>,
        field<&Self::group_instance_id, since(3)>,
        field<&Self::topics>};
    bool operator==(const TxnOffsetCommitRequest&) const = default;
};

struct TxnOffsetCommitResponse {
    static constexpr Api api = TxnOffsetCommitRequest::api;

    struct TxnOffsetCommitResponsePartition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;

        using Self = TxnOffsetCommitResponsePartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>};
        bool operator==(const TxnOffsetCommitResponsePartition&) const = default;
    };

    struct TxnOffsetCommitResponseTopic {
        std::string name;
        std::vector<TxnOffsetCommitResponsePartition> partitions;

        using Self = TxnOffsetCommitResponseTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const TxnOffsetCommitResponseTopic&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<TxnOffsetCommitResponseTopic> topics;

    using Self = TxnOffsetCommitResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::topics>};
    bool operator==(const TxnOffsetCommitResponse&) const = default;
};

}  // namespace stoker::protocol
