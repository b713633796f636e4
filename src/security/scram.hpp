// SCRAM (RFC 5802, RFC 7677), what both sides share: credentials, the keys that are made of a
// password, the messages. SASLprep is left out as in Apache Kafka: a password is its UTF-8 bytes.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "security/crypto.hpp"

namespace stoker::security {

/// The protocol's numbers (KIP-554).
enum class ScramMechanism : int8_t { unknown = 0, sha_256 = 1, sha_512 = 2 };

/// "SCRAM-SHA-256"; "UNKNOWN".
std::string_view name(ScramMechanism mechanism);
ScramMechanism scram_mechanism(std::string_view name);
ScramMechanism scram_mechanism(int8_t number);
Digest digest_of(ScramMechanism mechanism);

inline constexpr int32_t scram_iterations_min = 4096;
/// More would let a client's choice (or a hostile broker's) cost the other side much time.
inline constexpr int32_t scram_iterations_max = 16'384;

/// What a server keeps: of no use to log in with.
struct ScramCredential {
    Bytes salt;
    Bytes stored_key;
    Bytes server_key;
    int32_t iterations = 0;
    bool operator==(const ScramCredential&) const = default;
};

/// Of the password as PBKDF2 has salted it, which is what clients send (KIP-554).
ScramCredential scram_credential(ScramMechanism mechanism, Bytes salt, ByteView salted_password,
                                 int32_t iterations);
/// With a salt of its own.
ScramCredential scram_credential(ScramMechanism mechanism, std::string_view password,
                                 int32_t iterations = scram_iterations_min);

/// "=2C" and "=3D" for the comma and the equals sign; the reverse has nothing for other uses of
/// the equals sign.
std::string to_sasl_name(std::string_view name);
std::optional<std::string> from_sasl_name(std::string_view name);

/// Printable, without a comma.
std::string scram_nonce();

// The messages. The error is a clause for a log, and repeats nothing of the message.

struct ClientFirst {
    std::string gs2_header;  // "n,," or "n,a=NAME,"
    std::string acts_as;     // authzid; empty: not given
    std::string user;
    std::string nonce;
    std::map<std::string, std::string, std::less<>> extensions;
    std::string bare;  // what both sides sign
};
std::expected<ClientFirst, std::string> parse_client_first(std::string_view text);

struct ServerFirst {
    std::string nonce;
    Bytes salt;
    int32_t iterations = 0;
};
std::expected<ServerFirst, std::string> parse_server_first(std::string_view text);
std::string to_text(const ServerFirst& message);

struct ClientFinal {
    Bytes channel_binding;
    std::string nonce;
    Bytes proof;
    std::string without_proof;  // what both sides sign
};
std::expected<ClientFinal, std::string> parse_client_final(std::string_view text);

/// The server's signature; the error is what the server says instead, or that it is malformed.
std::expected<Bytes, std::string> parse_server_final(std::string_view text);

/// XOR of two byte strings of one size: proof and signature give the client's key.
Bytes exclusive_or(ByteView a, ByteView b);

}  // namespace stoker::security
