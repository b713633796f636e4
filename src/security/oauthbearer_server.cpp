#include "security/oauthbearer_server.hpp"

#include <algorithm>
#include <utility>

#include "security/scram.hpp"

namespace stoker::security {
namespace {

constexpr char separator = '\x01';
/// What RFC 7628 has the server say, and what the client gets as the reason.
constexpr std::string_view invalid_token = R"({"status":"invalid_token"})";
constexpr std::string_view unsigned_token =
    R"({"status":"invalid_token","error_description":"the token is not signed (alg none), )"
    R"(and this broker takes signed tokens only"})";

std::unexpected<SaslFailure> refused(std::string reason, std::string told = {}) {
    return std::unexpected(SaslFailure{std::move(reason), std::move(told)});
}

struct Asked {
    std::string acts_as;
    std::string_view token;
};

bool same_in_any_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](unsigned char x, unsigned char y) {
        return (x >= 'A' && x <= 'Z' ? x + 32 : x) == (y >= 'A' && y <= 'Z' ? y + 32 : y);
    });
}

bool is_extension(std::string_view key, std::string_view value) {
    auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    auto visible = [](char c) {
        return (c >= 0x20 && c <= 0x7e) || c == '\t' || c == '\r' || c == '\n';
    };
    return !key.empty() && std::ranges::all_of(key, letter) && !value.empty() &&
           std::ranges::all_of(value, visible);
}

/// "Bearer TOKEN"; nothing when it is not.
std::optional<std::string_view> token_in(std::string_view value) {
    size_t blank = value.find(' ');
    if (blank == value.npos || !same_in_any_case(value.substr(0, blank), "bearer"))
        return std::nullopt;
    value.remove_prefix(std::min(value.find_first_not_of(' ', blank), value.size()));
    auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.';
    };
    if (value.empty() || !std::ranges::all_of(value, fits)) return std::nullopt;
    return value;
}

/// n,[a=NAME],^A key=value^A … ^A
std::expected<Asked, std::string> parse(std::string_view text) {
    const std::string malformed = "the message has not the form of OAUTHBEARER";
    Asked asked;
    if (!text.starts_with("n,")) return std::unexpected(malformed);
    text.remove_prefix(2);
    size_t comma = text.find(',');
    if (comma == text.npos || text.size() < comma + 2 || text[comma + 1] != separator)
        return std::unexpected(malformed);
    std::string_view header = text.substr(0, comma);
    if (!header.empty()) {
        auto name = header.starts_with("a=") ? from_sasl_name(header.substr(2)) : std::nullopt;
        if (!name || name->empty()) return std::unexpected(malformed);
        asked.acts_as = *name;
    }
    text.remove_prefix(comma + 2);
    while (text.size() > 1) {
        size_t end = text.find(separator);
        size_t equals = text.find('=');
        if (end == text.npos || equals == text.npos || equals > end)
            return std::unexpected(malformed);
        std::string_view key = text.substr(0, equals);
        std::string_view value = text.substr(equals + 1, end - equals - 1);
        text.remove_prefix(end + 1);
        if (key == "auth") {
            auto token = token_in(value);
            if (!token || !asked.token.empty()) return std::unexpected(malformed);
            asked.token = *token;
        } else if (!is_extension(key, value)) {
            return std::unexpected(malformed);
        }
    }
    if (text.size() != 1 || text.front() != separator || asked.token.empty())
        return std::unexpected(malformed);
    return asked;
}

class OAuthBearerServer final : public SaslServer {
public:
    explicit OAuthBearerServer(TokenCheck check) : check_(std::move(check)) {}

    std::expected<Bytes, SaslFailure> evaluate(ByteView token) override {
        // The client has read why, and lets us end it.
        if (!refusal_.empty()) return refused(reason_, refusal_);
        auto asked = parse(text_of(token));
        if (!asked) return refused(asked.error());
        auto valid = check_(asked->token);
        if (!valid) {
            reason_ = valid.error();
            refusal_ = reason_ == token_is_not_signed ? unsigned_token : invalid_token;
            return to_bytes(refusal_);
        }
        if (!asked->acts_as.empty() && asked->acts_as != valid->subject)
            return refused("it wants to act as another user",
                           "Authentication failed: Client requested an authorization id that is "
                           "different from the token's principal name");
        token_ = std::move(*valid);
        return Bytes{};
    }

    bool complete() const override { return !token_.subject.empty(); }
    const std::string& user() const override { return token_.subject; }
    std::optional<int64_t> expires_at_ms() const override {
        return complete() ? std::optional(token_.expires_at_ms) : std::nullopt;
    }

private:
    TokenCheck check_;
    Jwt token_;
    std::string reason_;
    std::string refusal_;
};

}  // namespace

std::unique_ptr<SaslServer> oauthbearer_server(TokenCheck check) {
    return std::make_unique<OAuthBearerServer>(std::move(check));
}

}  // namespace stoker::security
