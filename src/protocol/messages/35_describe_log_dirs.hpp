// DescribeLogDirs (API 35): the data directories, their room, and how much each partition takes
// (KIP-113, KIP-827).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeLogDirsRequest {
    static constexpr Api api{
        .key = 35, .name = "DescribeLogDirs", .versions = {1, 5}, .flexible = 2};

    struct DescribableLogDirTopic {
        std::string topic;
        std::vector<PartitionId> partitions;

        using Self = DescribableLogDirTopic;
        static constexpr auto fields = Fields{
            field<&Self::topic>,
            field<&Self::partitions>};
        bool operator==(const DescribableLogDirTopic&) const = default;
    };

    /// null: all
    std::optional<std::vector<DescribableLogDirTopic>> topics =
        std::vector<DescribableLogDirTopic>{};

    using Self = DescribeLogDirsRequest;
    static constexpr auto fields = Fields{field<&Self::topics>};
    bool operator==(const DescribeLogDirsRequest&) const = default;
};

struct DescribeLogDirsResponse {
    static constexpr Api api = DescribeLogDirsRequest::api;

    struct DescribeLogDirsPartition {
        PartitionId partition_index{};
        int64_t partition_size = 0;  // bytes of its segments
        int64_t offset_lag = 0;  // high watermark less log end offset, at least 0
        bool is_future_key = false;  // the copy that an AlterReplicaLogDirs is making

        using Self = DescribeLogDirsPartition;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::partition_size>,
            field<&Self::offset_lag>,
            field<&Self::is_future_key>};
        bool operator==(const DescribeLogDirsPartition&) const = default;
    };

    struct DescribeLogDirsTopic {
        std::string name;
        std::vector<DescribeLogDirsPartition> partitions;

        using Self = DescribeLogDirsTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const DescribeLogDirsTopic&) const = default;
    };

    struct DescribeLogDirsResult {
        ErrorCode error_code = ErrorCode::none;
        std::string log_dir;  // an absolute path
        std::vector<DescribeLogDirsTopic> topics;
        int64_t total_bytes = -1;  // of the volume; -1: unknown
        int64_t usable_bytes = -1;
        bool is_cordoned = false;  // takes no new partitions (KIP-1066)

        using Self = DescribeLogDirsResult;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::log_dir>,
            field<&Self::topics>,
            field<&Self::total_bytes, ignorable(since(4))>,
            field<&Self::usable_bytes, ignorable(since(4))>,
            field<&Self::is_cordoned, ignorable(since(5))>};
        bool operator==(const DescribeLogDirsResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<DescribeLogDirsResult> results;

    using Self = DescribeLogDirsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code, ignorable(since(3))>,
        field<&Self::results>};
    bool operator==(const DescribeLogDirsResponse&) const = default;
};

}  // namespace stoker::protocol
