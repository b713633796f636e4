// AddRaftVoter (API 80): makes a controller a voter of the metadata quorum (KIP-853).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AddRaftVoterRequest {
    static constexpr Api api{
        .key = 80, .name = "AddRaftVoter", .versions = {0, 1}, .flexible = 0};

    struct Listener {
        std::string name;
        std::string host;
        uint16_t port = 0;

        using Self = Listener;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::host>,
            field<&Self::port>};
        bool operator==(const Listener&) const = default;
    };

    std::optional<std::string> cluster_id = "";
    int32_t timeout_ms = 0;
    int32_t voter_id = 0;
    Uuid voter_directory_id;
    std::vector<Listener> listeners;
    bool ack_when_committed = true;  // else once the leader has written it

    using Self = AddRaftVoterRequest;
    static constexpr auto fields = Fields{
        field<&Self::cluster_id>,
        field<&Self::timeout_ms>,
        field<&Self::voter_id>,
        field<&Self::voter_directory_id>,
        field<&Self::listeners>,
        field<&Self::ack_when_committed, since(1)>};
    bool operator==(const AddRaftVoterRequest&) const = default;
};

struct AddRaftVoterResponse {
    static constexpr Api api = AddRaftVoterRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";

    using Self = AddRaftVoterResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>};
    bool operator==(const AddRaftVoterResponse&) const = default;
};

}  // namespace stoker::protocol
