// SASL (RFC 4422) as state machines, bytes to bytes: what a mechanism does on either side, apart
// from how its tokens travel. One thread at a time; one object an exchange.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace stoker::security {

/// Why somebody did not get in. Neither text holds a secret, nor what was sent.
struct SaslFailure {
    /// A clause for our log: "the proof is wrong".
    std::string reason;
    /// What the peer is told. Empty: only that it failed, since more would tell what there is
    /// (a user, say).
    std::string told = {};
};

class SaslServer {
public:
    virtual ~SaslServer() = default;
    /// The answer to a token of the client; it may be empty. After a failure the object is spent.
    virtual std::expected<Bytes, SaslFailure> evaluate(ByteView token) = 0;
    virtual bool complete() const = 0;
    /// Who it is, once complete: a principal's name without its type.
    virtual const std::string& user() const = 0;
    /// When what was shown expires (a token), once complete; milliseconds since 1970.
    virtual std::optional<int64_t> expires_at_ms() const { return std::nullopt; }
};

class SaslClient {
public:
    virtual ~SaslClient() = default;
    /// The first token.
    virtual Bytes first() = 0;
    /// The next token, or nothing when there is none to send. The error is a sentence without
    /// secrets.
    virtual std::expected<std::optional<Bytes>, std::string> evaluate(ByteView challenge) = 0;
    /// Whether the server has shown all that it has to show.
    virtual bool complete() const = 0;
};

}  // namespace stoker::security
