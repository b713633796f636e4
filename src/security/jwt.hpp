// JSON Web Tokens (RFC 7519) as OAUTHBEARER carries them, validated as Apache Kafka's
// BrokerJwtValidator does: signature, issuer, audience, times, subject and scope.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "security/jwks.hpp"

namespace stoker::security {

/// Longer tokens are refused unread.
inline constexpr size_t jwt_size_max = 64 << 10;

struct JwtRules {
    /// The token must be for one of them. Without any, a token that names an audience is refused.
    std::vector<std::string> audiences;
    std::optional<std::string> issuer;
    int64_t clock_skew_s = 30;
    std::string subject_claim = "sub";
    std::string scope_claim = "scope";
};

struct Jwt {
    std::string subject;
    int64_t expires_at_ms = 0;
    std::vector<std::string> scopes;
};

/// The keys that count now; null when they cannot be read. With `refresh` the file is looked at
/// again, as when a token names a key that is not known yet.
using KeySource = std::function<std::shared_ptr<const KeySet>(bool refresh)>;

/// Why a token of Java's or librdkafka's development defaults does not do.
inline constexpr std::string_view token_is_not_signed =
    "the token is not signed (alg none): only signed tokens are taken";

/// The error is a clause for the log, without anything of the token.
std::expected<Jwt, std::string> validate_jwt(std::string_view token, const JwtRules& rules,
                                             const KeySource& keys, int64_t now_ms);

}  // namespace stoker::security
