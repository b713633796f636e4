// CreatePartitions (API 37): more partitions for existing topics.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct CreatePartitionsRequest {
    static constexpr Api api{
        .key = 37, .name = "CreatePartitions", .versions = {0, 3}, .flexible = 2};

    struct CreatePartitionsAssignment {
        std::vector<int32_t> broker_ids;

        using Self = CreatePartitionsAssignment;
        static constexpr auto fields = Fields{field<&Self::broker_ids>};
        bool operator==(const CreatePartitionsAssignment&) const = default;
    };

    struct CreatePartitionsTopic {
        std::string name;
        int32_t count = 0;  // the new total
        /// null: the broker chooses; else one for each new partition
        std::optional<std::vector<CreatePartitionsAssignment>> assignments =
            std::vector<CreatePartitionsAssignment>{};

        using Self = CreatePartitionsTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::count>,
            field<&Self::assignments>};
        bool operator==(const CreatePartitionsTopic&) const = default;
    };

    std::vector<CreatePartitionsTopic> topics;
    int32_t timeout_ms = 0;
    bool validate_only = false;

    using Self = CreatePartitionsRequest;
    static constexpr auto fields = Fields{
        field<&Self::topics>,
        field<&Self::timeout_ms>,
        field<&Self::validate_only>};
    bool operator==(const CreatePartitionsRequest&) const = default;
};

struct CreatePartitionsResponse {
    static constexpr Api api = CreatePartitionsRequest::api;

    struct CreatePartitionsTopicResult {
        std::string name;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        using Self = CreatePartitionsTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::error_code>,
            field<&Self::error_message>};
        bool operator==(const CreatePartitionsTopicResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<CreatePartitionsTopicResult> results;

    using Self = CreatePartitionsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::results>};
    bool operator==(const CreatePartitionsResponse&) const = default;
};

}  // namespace stoker::protocol
