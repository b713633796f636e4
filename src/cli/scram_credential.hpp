// SCRAM credentials as kafka-configs takes them: the password is salted here and never travels.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/messages/51_alter_user_scram_credentials.hpp"

namespace stoker::cli {

bool is_scram_mechanism(std::string_view name);
/// The protocol's number; 0 for what is none.
int8_t scram_mechanism(std::string_view name);
/// "SCRAM-SHA-256"; "UNKNOWN" for a number that is none.
std::string_view scram_name(int8_t mechanism);

/// Of "iterations=8192,password=x" or "password=x". Throws KafkaException.
protocol::AlterUserScramCredentialsRequest::ScramCredentialUpsertion make_scram_credential(
    const std::string& user, const std::string& mechanism, const std::string& text);

/// PBKDF2 (RFC 2898) with the mechanism's HMAC, as RFC 5802's Hi().
Bytes salted_password(int8_t mechanism, std::string_view password, ByteView salt,
                      int32_t iterations);

}  // namespace stoker::cli
