// Keys and values of __consumer_offsets, written by the classic group coordinator. How they are
// framed is in record_frame.hpp; Api::key is the type that stands before a key. Type 0, of very
// old brokers, has the schemas of type 1.
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

struct OffsetCommitKey {
    static constexpr Api api{.key = 1, .name = "OffsetCommitKey", .versions = {0, 0}};

    std::string group;
    std::string topic;
    PartitionId partition{};

    using Self = OffsetCommitKey;
    static constexpr auto fields = Fields{
        field<&Self::group>,
        field<&Self::topic>,
        field<&Self::partition>};
    bool operator==(const OffsetCommitKey&) const = default;
};

struct OffsetCommitValue {
    static constexpr Api api{
        .key = 1, .name = "OffsetCommitValue", .versions = {0, 4}, .flexible = 4};

    Offset offset{};
    LeaderEpoch leader_epoch = LeaderEpoch::none;
    std::string metadata;
    int64_t commit_timestamp = 0;
    int64_t expire_timestamp = -1;  // -1: the group's retention decides
    Uuid topic_id;

    using Self = OffsetCommitValue;
    static constexpr auto fields = Fields{
        field<&Self::offset>,
        field<&Self::leader_epoch, ignorable(since(3))>,
        field<&Self::metadata>,
        field<&Self::commit_timestamp>,
        field<&Self::expire_timestamp, ignorable(between(1, 1))>,
        field<&Self::topic_id, tagged(0, ignorable(since(4)))>};
    bool operator==(const OffsetCommitValue&) const = default;
};

struct GroupMetadataKey {
    static constexpr Api api{.key = 2, .name = "GroupMetadataKey", .versions = {0, 0}};

    std::string group;

    using Self = GroupMetadataKey;
    static constexpr auto fields = Fields{field<&Self::group>};
    bool operator==(const GroupMetadataKey&) const = default;
};

struct GroupMetadataValue {
    static constexpr Api api{
        .key = 2, .name = "GroupMetadataValue", .versions = {0, 4}, .flexible = 4};

    struct MemberMetadata {
        std::string member_id;
        std::optional<std::string> group_instance_id;
        std::string client_id;
        std::string client_host;
        int32_t rebalance_timeout = -1;
        int32_t session_timeout = 0;
        Bytes subscription;
        Bytes assignment;

        using Self = MemberMetadata;
        static constexpr auto fields = Fields{
            field<&Self::member_id>,
            field<&Self::group_instance_id, ignorable(since(3))>,
            field<&Self::client_id>,
            field<&Self::client_host>,
            field<&Self::rebalance_timeout, ignorable(since(1))>,
            field<&Self::session_timeout>,
            field<&Self::subscription>,
            field<&Self::assignment>};
        bool operator==(const MemberMetadata&) const = default;
    };

    std::string protocol_type;
    int32_t generation = 0;
    std::optional<std::string> protocol = "";
    std::optional<std::string> leader = "";  // null between generations
    int64_t current_state_timestamp = -1;
    std::vector<MemberMetadata> members;

    using Self = GroupMetadataValue;
    static constexpr auto fields = Fields{
        field<&Self::protocol_type>,
        field<&Self::generation>,
        field<&Self::protocol>,
        field<&Self::leader>,
        field<&Self::current_state_timestamp, ignorable(since(2))>,
        field<&Self::members>};
    bool operator==(const GroupMetadataValue&) const = default;
};

}  // namespace stoker::protocol
