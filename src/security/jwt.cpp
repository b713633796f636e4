#include "security/jwt.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

#include "security/crypto.hpp"
#include "security/json_reader.hpp"

namespace stoker::security {
namespace {

using nlohmann::json;

constexpr double latest_second = 1e12;  // some ten thousand years away

std::unexpected<std::string> wrong(std::string why) {
    return std::unexpected(std::move(why));
}

struct Parts {
    std::string_view header, claims, signature;
    std::string_view signed_text;
};

std::optional<Parts> split(std::string_view token) {
    size_t first = token.find('.');
    size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
    if (second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
    return Parts{.header = token.substr(0, first),
                 .claims = token.substr(first + 1, second - first - 1),
                 .signature = token.substr(second + 1),
                 .signed_text = token.substr(0, second)};
}

std::optional<json> object_in(std::string_view part) {
    auto bytes = from_base64_url(part);
    return bytes ? read_json_object(text_of(*bytes), jwt_size_max) : std::nullopt;
}

std::expected<void, std::string> check_signature(const Parts& parts, const KeySource& keys) {
    auto header = object_in(parts.header);
    if (!header) return wrong("the token's header is malformed");
    auto algorithm_name = header->find("alg");
    if (algorithm_name == header->end() || !algorithm_name->is_string())
        return wrong("the token's header has no alg");
    if (*algorithm_name == "none") return wrong(std::string(token_is_not_signed));
    auto algorithm = jws_algorithm(algorithm_name->get_ref<const std::string&>());
    if (!algorithm)
        return wrong("the token's alg is none of RS256, RS384, RS512, PS256, ES256 and ES384");
    // Extensions that must be understood, and are not.
    if (header->contains("crit")) return wrong("the token's header has crit");
    std::optional<std::string> id;
    if (auto kid = header->find("kid"); kid != header->end()) {
        if (!kid->is_string()) return wrong("the token's kid is no text");
        id = kid->get<std::string>();
    }
    auto signature = from_base64_url(parts.signature);
    if (!signature || signature->empty()) return wrong("the token's signature is malformed");
    std::shared_ptr<const KeySet> known = keys(false);
    const PublicKey* key = known ? known->find(id, *algorithm) : nullptr;
    if (key == nullptr) {
        known = keys(true);
        key = known ? known->find(id, *algorithm) : nullptr;
    }
    if (key == nullptr) return wrong("there is no key for the token's kid and alg");
    if (!key->verifies(*algorithm, *signature, bytes_of(parts.signed_text)))
        return wrong("the token's signature is wrong");
    return {};
}

/// A NumericDate; nothing when it is absent or none.
std::optional<int64_t> seconds_in(const json& claims, const char* name) {
    auto found = claims.find(name);
    if (found == claims.end() || !found->is_number()) return std::nullopt;
    auto seconds = found->get<double>();
    if (!std::isfinite(seconds) || seconds < 0 || seconds > latest_second) return std::nullopt;
    return int64_t(seconds);
}

std::expected<int64_t, std::string> check_times(const json& claims, int64_t skew_s,
                                                int64_t now_ms) {
    int64_t now_s = now_ms / 1000;
    auto expires = seconds_in(claims, "exp"), issued = seconds_in(claims, "iat");
    if (!expires) return wrong("the token has no exp");
    if (!issued) return wrong("the token has no iat");
    if (now_s - skew_s >= *expires) return wrong("the token has expired");
    auto valid_from = seconds_in(claims, "nbf");
    if (claims.contains("nbf") && !valid_from) return wrong("the token's nbf is no time");
    if (valid_from && now_s + skew_s < *valid_from) return wrong("the token is not valid yet");
    if (*expires < *issued || (valid_from && *expires < *valid_from))
        return wrong("the token expires before it is issued or valid");
    return *expires;
}

bool meant_for(const json& claims, const std::vector<std::string>& expected) {
    auto audience = claims.find("aud");
    if (audience == claims.end()) return expected.empty();
    auto is_ours = [&expected](const json& name) {
        return name.is_string() &&
               std::ranges::find(expected, name.get_ref<const std::string&>()) != expected.end();
    };
    if (audience->is_array()) return std::ranges::any_of(*audience, is_ours);
    return is_ours(*audience);
}

std::string trim(std::string_view text) {
    auto blank = [](char c) { return c >= 0 && c <= ' '; };
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    return std::string(text);
}

std::expected<std::vector<std::string>, std::string> scopes_in(const json& claims,
                                                               const std::string& name) {
    std::vector<std::string> scopes;
    std::set<std::string> seen;
    auto found = claims.find(name);
    if (found == claims.end() || !(found->is_string() || found->is_array())) return scopes;
    std::vector<json> values;
    if (found->is_array()) values.assign(found->begin(), found->end());
    else values.push_back(*found);
    for (const json& value : values) {
        std::string scope = value.is_string() ? trim(value.get<std::string>()) : "";
        if (scope.empty() || !seen.insert(scope).second)
            return wrong("the token's " + name + " has an empty or repeated value");
        scopes.push_back(std::move(scope));
    }
    return scopes;
}

/// Java's connection names, log lines and ACLs have one line each.
bool safe_name(std::string_view name) {
    return !name.empty() && std::ranges::none_of(name, [](char c) {
        return (c >= 0 && c < ' ') || c == 0x7f;
    });
}

}  // namespace

std::expected<Jwt, std::string> validate_jwt(std::string_view token, const JwtRules& rules,
                                             const KeySource& keys, int64_t now_ms) {
    if (token.size() > jwt_size_max) return wrong("the token is too long");
    auto parts = split(token);
    if (!parts) return wrong("the token has not the three parts of a signed JWT");
    if (auto fine = check_signature(*parts, keys); !fine) return wrong(fine.error());
    auto claims = object_in(parts->claims);
    if (!claims) return wrong("the token's claims are malformed");
    auto expires = check_times(*claims, rules.clock_skew_s, now_ms);
    if (!expires) return wrong(expires.error());
    if (!meant_for(*claims, rules.audiences)) return wrong("the token is for another audience");
    if (rules.issuer) {
        auto issuer = claims->find("iss");
        if (issuer == claims->end() || *issuer != *rules.issuer)
            return wrong("the token is from another issuer");
    }
    auto subject = claims->find(rules.subject_claim);
    std::string user = subject != claims->end() && subject->is_string()
                           ? trim(subject->get_ref<const std::string&>())
                           : "";
    if (!safe_name(user)) return wrong("the token has no usable " + rules.subject_claim);
    auto scopes = scopes_in(*claims, rules.scope_claim);
    if (!scopes) return wrong(scopes.error());
    return Jwt{.subject = std::move(user),
               .expires_at_ms = *expires * 1000,
               .scopes = std::move(*scopes)};
}

}  // namespace stoker::security
