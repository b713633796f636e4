// DescribeUserScramCredentials (API 50): which users have SCRAM credentials; never the credentials
// themselves (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeUserScramCredentialsRequest {
    static constexpr Api api{
        .key = 50, .name = "DescribeUserScramCredentials", .versions = {0, 0},
        .flexible = 0};

    struct UserName {
        std::string name;

        using Self = UserName;
        static constexpr auto fields = Fields{field<&Self::name>};
        bool operator==(const UserName&) const = default;
    };

    std::optional<std::vector<UserName>> users = std::vector<UserName>{};  // null or empty: all

    using Self = DescribeUserScramCredentialsRequest;
    static constexpr auto fields = Fields{field<&Self::users>};
    bool operator==(const DescribeUserScramCredentialsRequest&) const = default;
};

struct DescribeUserScramCredentialsResponse {
    static constexpr Api api = DescribeUserScramCredentialsRequest::api;

    struct CredentialInfo {
        int8_t mechanism = 0;  // 1: SCRAM-SHA-256, 2: SCRAM-SHA-512
        int32_t iterations = 0;

        using Self = CredentialInfo;
        static constexpr auto fields = Fields{
            field<&Self::mechanism>,
            field<&Self::iterations>};
        bool operator==(const CredentialInfo&) const = default;
    };

    struct DescribeUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::vector<CredentialInfo> credential_infos;

        using Self = DescribeUserScramCredentialsResult;
        static constexpr auto fields = Fields{
            field<&Self::user>,
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::credential_infos>};
        bool operator==(const DescribeUserScramCredentialsResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::vector<DescribeUserScramCredentialsResult> results;

    using Self = DescribeUserScramCredentialsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::results>};
    bool operator==(const DescribeUserScramCredentialsResponse&) const = default;
};

}  // namespace stoker::protocol
