// FindCoordinator (API 10): which broker coordinates a group or a transaction; several keys at
// once since version 4 (KIP-699).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct FindCoordinatorRequest {
    static constexpr Api api{
        .key = 10, .name = "FindCoordinator", .versions = {0, 6}, .flexible = 3};

    std::string key;
    int8_t key_type = 0;  // 0: group, 1: transaction, 2: share
    std::vector<std::string> coordinator_keys;

    using Self = FindCoordinatorRequest;
    static constexpr auto fields = Fields{
        field<&Self::key, until(3)>,
        field<&Self::key_type, since(1)>,
        field<&Self::coordinator_keys, since(4)>};
    bool operator==(const FindCoordinatorRequest&) const = default;
};

struct FindCoordinatorResponse {
    static constexpr Api api = FindCoordinatorRequest::api;

    struct Coordinator {
        std::string key;
        int32_t node_id = 0;
        std::string host;
        int32_t port = 0;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";

        using Self = Coordinator;
        static constexpr auto fields = Fields{
            field<&Self::key, since(4)>,
            field<&Self::node_id, since(4)>,
            field<&Self::host, since(4)>,
            field<&Self::port, since(4)>,
            field<&Self::error_code, since(4)>,
            field<&Self::error_message, ignorable(since(4))>};
        bool operator==(const Coordinator&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::vector<Coordinator> coordinators;

    using Self = FindCoordinatorResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms, ignorable(since(1))>,
        field<&Self::error_code, until(3)>,
        field<&Self::error_message, ignorable(between(1, 3))>,
        field<&Self::node_id, until(3)>,
        field<&Self::host, until(3)>,
        field<&Self::port, until(3)>,
        field<&Self::coordinators, since(4)>};
    bool operator==(const FindCoordinatorResponse&) const = default;
};

}  // namespace stoker::protocol
