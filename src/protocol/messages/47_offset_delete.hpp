// OffsetDelete (API 47): committed offsets of topics that a group no longer reads (KIP-496).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct OffsetDeleteRequest {
    static constexpr Api api{.key = 47, .name = "OffsetDelete", .versions = {0, 0}};

    struct OffsetDeleteRequestPartition {
        PartitionId partition_index{};

        using Self = OffsetDeleteRequestPartition;
        static constexpr auto fields = Fields{field<&Self::partition_index>};
        bool operator==(const OffsetDeleteRequestPartition&) const = default;
    };

    struct OffsetDeleteRequestTopic {
        std::string name;
        std::vector<OffsetDeleteRequestPartition> partitions;

        using Self = OffsetDeleteRequestTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const OffsetDeleteRequestTopic&) const = default;
    };

    std::string group_id;
    std::vector<OffsetDeleteRequestTopic> topics;

    using Self = OffsetDeleteRequest;
    static constexpr auto fields = Fields{
        field<&Self::group_id>,
        field<&Self::topics>};
    bool operator==(const OffsetDeleteRequest&) const = default;
};

struct OffsetDeleteResponse {
    static constexpr Api api = OffsetDeleteRequest::api;

    struct OffsetDeleteResponsePartition {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;

        using Self = OffsetDeleteResponsePartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>};
        bool operator==(const OffsetDeleteResponsePartition&) const = default;
    };

    struct OffsetDeleteResponseTopic {
        std::string name;
        std::vector<OffsetDeleteResponsePartition> partitions;

        using Self = OffsetDeleteResponseTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const OffsetDeleteResponseTopic&) const = default;
    };

    ErrorCode error_code = ErrorCode::none;
    int32_t throttle_time_ms = 0;
    std::vector<OffsetDeleteResponseTopic> topics;

    using Self = OffsetDeleteResponse;
    static constexpr auto fields = Fields{
        field<&Self::error_code>,
        field<&Self::throttle_time_ms>,
        field<&Self::topics>};
    bool operator==(const OffsetDeleteResponse&) const = default;
};

}  // namespace stoker::protocol
