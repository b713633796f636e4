// The public keys that tokens are signed with: a JSON Web Key Set (RFC 7517) in a local file.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"

struct evp_pkey_st;

namespace stoker::security {

/// What a token may be signed with (RFC 7518). `none` is not among them, nor is anything with a
/// shared secret: a public key must never be taken for one.
enum class JwsAlgorithm : uint8_t { rs256, rs384, rs512, ps256, es256, es384 };
std::optional<JwsAlgorithm> jws_algorithm(std::string_view name);
std::string_view name(JwsAlgorithm algorithm);

class PublicKey {
public:
    enum class Type : uint8_t { rsa, p256, p384 };

    bool verifies(JwsAlgorithm algorithm, ByteView signature, ByteView data) const;
    /// Of the right type, and not reserved for another algorithm.
    bool serves(JwsAlgorithm algorithm) const;
    const std::string& id() const { return id_; }

private:
    friend class KeySet;
    std::string id_;                        // kid; empty: it has none
    std::optional<JwsAlgorithm> only_for_;  // alg
    Type type_ = Type::rsa;
    std::shared_ptr<evp_pkey_st> key_;
};

/// Immutable; any thread.
class KeySet {
public:
    /// Keys of kinds that are not served, and those not for signatures, are passed over. The error
    /// is a clause; a set without a usable key is one.
    static std::expected<KeySet, std::string> parse(std::string_view text);

    /// The one key for the token: of that id; without an id the only one that serves.
    const PublicKey* find(const std::optional<std::string>& id, JwsAlgorithm algorithm) const;
    size_t size() const { return keys_.size(); }

private:
    std::vector<PublicKey> keys_;
};

}  // namespace stoker::security
