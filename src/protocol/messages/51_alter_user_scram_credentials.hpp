// AlterUserScramCredentials (API 51): sets and removes SCRAM credentials; the client sends the
// password salted and hashed (KIP-554).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AlterUserScramCredentialsRequest {
    static constexpr Api api{
        .key = 51, .name = "AlterUserScramCredentials", .versions = {0, 0}, .flexible = 0};

    struct ScramCredentialDeletion {
        std::string name;
        int8_t mechanism = 0;  // 1: SCRAM-SHA-256, 2: SCRAM-SHA-512

        using Self = ScramCredentialDeletion;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::mechanism>};
        bool operator==(const ScramCredentialDeletion&) const = default;
    };

    struct ScramCredentialUpsertion {
        std::string name;
        int8_t mechanism = 0;  // 1: SCRAM-SHA-256, 2: SCRAM-SHA-512
        int32_t iterations = 0;
        Bytes salt;
        Bytes salted_password;

        using Self = ScramCredentialUpsertion;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::mechanism>,
            field<&Self::iterations>,
            field<&Self::salt, secret()>,
            field<&Self::salted_password, secret()>};
        bool operator==(const ScramCredentialUpsertion&) const = default;
    };

    std::vector<ScramCredentialDeletion> deletions;
    std::vector<ScramCredentialUpsertion> upsertions;

    using Self = AlterUserScramCredentialsRequest;
    static constexpr auto fields = Fields{
        field<&Self::deletions>,
        field<&Self::upsertions>};
    bool operator==(const AlterUserScramCredentialsRequest&) const = default;
};

struct AlterUserScramCredentialsResponse {
    static constexpr Api api = AlterUserScramCredentialsRequest::api;

    struct AlterUserScramCredentialsResult {
        std::string user;
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";

        using Self = AlterUserScramCredentialsResult;
        static constexpr auto fields = Fields{
            field<&Self::user>,
            field<&Self::error_code>,
            field<&Self::error_message>};
        bool operator==(const AlterUserScramCredentialsResult&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<AlterUserScramCredentialsResult> results;

    using Self = AlterUserScramCredentialsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::results>};
    bool operator==(const AlterUserScramCredentialsResponse&) const = default;
};

}  // namespace stoker::protocol
