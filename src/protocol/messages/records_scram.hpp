// Records of __cluster_metadata-0 that hold SCRAM users (KIP-900). Api::key is the record type.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct UserScramCredentialRecord {
    static constexpr Api api{
        .key = 11, .name = "UserScramCredentialRecord", .versions = {0, 0}, .flexible = 0};

    std::string name;
    int8_t mechanism = 0;  // 1: SCRAM-SHA-256, 2: SCRAM-SHA-512
    Bytes salt;
    Bytes stored_key;
    Bytes server_key;
    int32_t iterations = 0;

    using Self = UserScramCredentialRecord;
    static constexpr auto fields = Fields{
        field<&Self::name>,
        field<&Self::mechanism>,
        field<&Self::salt, secret()>,
        field<&Self::stored_key, secret()>,
        field<&Self::server_key, secret()>,
        field<&Self::iterations>};
    bool operator==(const UserScramCredentialRecord&) const = default;
};

struct RemoveUserScramCredentialRecord {
    static constexpr Api api{
        .key = 22, .name = "RemoveUserScramCredentialRecord", .versions = {0, 0}, .flexible = 0};

    std::string name;
    int8_t mechanism = 0;

    using Self = RemoveUserScramCredentialRecord;
    static constexpr auto fields = Fields{
        field<&Self::name>,
        field<&Self::mechanism>};
    bool operator==(const RemoveUserScramCredentialRecord&) const = default;
};

}  // namespace stoker::protocol
