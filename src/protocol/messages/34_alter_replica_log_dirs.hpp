// AlterReplicaLogDirs (API 34): moves partitions to another data directory of the same broker
// (KIP-113).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AlterReplicaLogDirsRequest {
    static constexpr Api api{
        .key = 34, .name = "AlterReplicaLogDirs", .versions = {1, 2}, .flexible = 2};

    struct AlterReplicaLogDirTopic {
        std::string name;
        std::vector<PartitionId> partitions;

        using Self = AlterReplicaLogDirTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::partitions>};
        bool operator==(const AlterReplicaLogDirTopic&) const = default;
    };

    struct AlterReplicaLogDir {
        std::string path;  // absolute
        std::vector<AlterReplicaLogDirTopic> topics;

        using Self = AlterReplicaLogDir;
        static constexpr auto fields = Fields{
            field<&Self::path>,
            field<&Self::topics>};
        bool operator==(const AlterReplicaLogDir&) const = default;
    };

    std::vector<AlterReplicaLogDir> dirs;

    using Self = AlterReplicaLogDirsRequest;
    static constexpr auto fields = Fields{field<&Self::dirs>};
    bool operator==(const AlterReplicaLogDirsRequest&) const = default;
};

struct AlterReplicaLogDirsResponse {
    static constexpr Api api = AlterReplicaLogDirsRequest::api;

    struct AlterReplicaLogDirPartitionResult {
        PartitionId partition_index{};
        ErrorCode error_code = ErrorCode::none;

        using Self = AlterReplicaLogDirPartitionResult;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::error_code>};
        bool operator==(const AlterReplicaLogDirPartitionResult&) const = default;
    };

    struct AlterReplicaLogDirTopicResult {
        std::string topic_name;
        std::vector<AlterReplicaLogDirPartitionResult> partitions;

        using Self = AlterReplicaLogDirTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::topic_name>,
            field<&Self::partitions>};
        bool operator==(const AlterReplicaLogDirTopicResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<AlterReplicaLogDirTopicResult> results;

    using Self = AlterReplicaLogDirsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::results>};
    bool operator==(const AlterReplicaLogDirsResponse&) const = default;
};

}  // namespace stoker::protocol
