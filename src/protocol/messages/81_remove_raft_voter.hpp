// RemoveRaftVoter (API 81): takes a controller out of the voters of the metadata quorum (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error_code.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct RemoveRaftVoterRequest {
    static constexpr Api api{
        .key = 81, .name = "RemoveRaftVoter", .versions = {0, 0}, .flexible = 0};

    std::optional<std::string> cluster_id = "";
    int32_t voter_id = 0;
    Uuid voter_directory_id;

    using Self = RemoveRaftVoterRequest;
    static constexpr auto fields = Fields{
        field<&Self::cluster_id>,
        field<&Self::voter_id>,
        field<&Self::voter_directory_id>};
    bool operator==(const RemoveRaftVoterRequest&) const = default;
};

struct RemoveRaftVoterResponse {
    static constexpr Api api = RemoveRaftVoterRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    using Self = RemoveRaftVoterResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>};
    bool operator==(const RemoveRaftVoterResponse&) const = default;
};

}  // namespace stoker::protocol
