// DeleteTopics (API 20): by name, by id too since version 6.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DeleteTopicsRequest {
    static constexpr Api api{.key = 20, .name = "DeleteTopics", .versions = {1, 6}, .flexible = 4};

    struct DeleteTopicState {
        std::optional<std::string> name;
        Uuid topic_id;  // where the name is null

        using Self = DeleteTopicState;
        static constexpr auto fields = Fields{
            field<&Self::name, since(6)>,
            field<&Self::topic_id, since(6)>};
        bool operator==(const DeleteTopicState&) const = default;
    };

    std::vector<DeleteTopicState> topics;
    std::vector<std::string> topic_names;
    int32_t timeout_ms = 0;

    using Self = DeleteTopicsRequest;
    static constexpr auto fields = Fields{
        field<&Self::topics, since(6)>,
        field<&Self::topic_names, ignorable(until(5))>,
        field<&Self::timeout_ms>};
    bool operator==(const DeleteTopicsRequest&) const = default;
};

struct DeleteTopicsResponse {
    static constexpr Api api = DeleteTopicsRequest::api;

    struct DeletableTopicResult {
        std::optional<std::string> name = "";
        Uuid topic_id;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message;

        using Self = DeletableTopicResult;
        static constexpr auto fields = Fields{
            field<&Self::name, nullable_since(6)>,
            field<&Self::topic_id, ignorable(since(6))>,
            field<&Self::error_code>,
            field<&Self::error_message, ignorable(since(5))>};
        bool operator==(const DeletableTopicResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<DeletableTopicResult> responses;

    using Self = DeleteTopicsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::responses>};
    bool operator==(const DeleteTopicsResponse&) const = default;
};

}  // namespace stoker::protocol
