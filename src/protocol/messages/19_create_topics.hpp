// CreateTopics (API 19): new topics, with their configs or with replicas placed by hand.
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

struct CreateTopicsRequest {
    static constexpr Api api{.key = 19, .name = "CreateTopics", .versions = {2, 7}, .flexible = 5};

    struct CreatableReplicaAssignment {
        PartitionId partition_index{};
        std::vector<int32_t> broker_ids;

        using Self = CreatableReplicaAssignment;
        static constexpr auto fields = Fields{
            field<&Self::partition_index>,
            field<&Self::broker_ids>};
        bool operator==(const CreatableReplicaAssignment&) const = default;
    };

    struct CreatableTopicConfig {
        std::string name;
        std::optional<std::string> value = "";

        using Self = CreatableTopicConfig;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::value>};
        bool operator==(const CreatableTopicConfig&) const = default;
    };

    struct CreatableTopic {
        std::string name;
        int32_t num_partitions = 0;  // -1: the default, or as assigned
        int16_t replication_factor = 0;  // -1: the default, or as assigned
        /// by hand; then both numbers above are -1
        std::vector<CreatableReplicaAssignment> assignments;
        std::vector<CreatableTopicConfig> configs;

        using Self = CreatableTopic;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::num_partitions>,
            field<&Self::replication_factor>,
            field<&Self::assignments>,
            field<&Self::configs>};
        bool operator==(const CreatableTopic&) const = default;
    };

    std::vector<CreatableTopic> topics;
    int32_t timeout_ms = 60000;
    bool validate_only = false;

    using Self = CreateTopicsRequest;
    static constexpr auto fields = Fields{
        field<&Self::topics>,
        field<&Self::timeout_ms>,
        field<&Self::validate_only>};
    bool operator==(const CreateTopicsRequest&) const = default;
};

struct CreateTopicsResponse {
    static constexpr Api api = CreateTopicsRequest::api;

    struct CreatableTopicConfigs {
        std::string name;
        std::optional<std::string> value = "";
        bool read_only = false;
        int8_t config_source = -1;
        bool is_sensitive = false;

        using Self = CreatableTopicConfigs;
        static constexpr auto fields = Fields{
            field<&Self::name, since(5)>,
            field<&Self::value, since(5)>,
            field<&Self::read_only, since(5)>,
            field<&Self::config_source, ignorable(since(5))>,
            field<&Self::is_sensitive, since(5)>};
        bool operator==(const CreatableTopicConfigs&) const = default;
    };

    struct CreatableTopicResult {
        std::string name;
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        ErrorCode topic_config_error_code = ErrorCode::none;  // why configs are null
        int32_t num_partitions = -1;
        int16_t replication_factor = -1;
        /// null when the client may not see them
        std::optional<std::vector<CreatableTopicConfigs>> configs =
            std::vector<CreatableTopicConfigs>{};

        using Self = CreatableTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::topic_id, ignorable(since(7))>,
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::topic_config_error_code, tagged(0, ignorable(since(5)))>,
            field<&Self::num_partitions, ignorable(since(5))>,
            field<&Self::replication_factor, ignorable(since(5))>,
            field<&Self::configs, ignorable(since(5))>};
        bool operator==(const CreatableTopicResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<CreatableTopicResult> topics;

    using Self = CreateTopicsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::topics>};
    bool operator==(const CreateTopicsResponse&) const = default;
};

}  // namespace stoker::protocol
