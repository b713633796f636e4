#include "security/scram.hpp"

#include <algorithm>
#include <charconv>

#include "base/check.hpp"

namespace stoker::security {
namespace {

constexpr std::string_view sha_256_name = "SCRAM-SHA-256";
constexpr std::string_view sha_512_name = "SCRAM-SHA-512";
constexpr size_t salt_size = 20;
constexpr size_t nonce_bytes = 24;

using Extensions = std::map<std::string, std::string, std::less<>>;

std::unexpected<std::string> malformed(std::string_view why) {
    return std::unexpected(std::string(why));
}

/// Takes attributes off the front of a message: "r=…,".
class Attributes {
public:
    explicit Attributes(std::string_view text) : rest_(text) {}

    /// The value of the next attribute when its name is `name`; nothing otherwise.
    std::optional<std::string_view> take(std::string_view name) {
        if (!rest_.starts_with(name) || !rest_.substr(name.size()).starts_with('='))
            return std::nullopt;
        rest_.remove_prefix(name.size() + 1);
        size_t end = std::min(rest_.find(','), rest_.size());
        std::string_view value = rest_.substr(0, end);
        more_ = end < rest_.size();
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        return value;
    }
    /// Of any name of letters.
    std::optional<std::pair<std::string_view, std::string_view>> take_any() {
        auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
        size_t size = 0;
        while (size < rest_.size() && letter(rest_[size])) ++size;
        std::string_view name = rest_.substr(0, size);
        if (name.empty()) return std::nullopt;
        auto value = take(name);
        return value ? std::optional(std::pair(name, *value)) : std::nullopt;
    }
    /// Nothing is left, not even an empty attribute after a comma.
    bool done() const { return rest_.empty() && !more_; }
    std::string_view rest() const { return rest_; }

private:
    std::string_view rest_;
    bool more_ = false;  // a comma followed the last attribute
};

bool ascii(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c >= 1; });  // bytes above 127 are < 0
}

bool printable(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char c) { return c >= 0x21 && c <= 0x7e && c != ','; });
}

/// What follows the known attributes; nothing when it is no list of attributes.
std::optional<Extensions> extensions_in(Attributes& attributes) {
    Extensions found;
    while (!attributes.done()) {
        auto next = attributes.take_any();
        if (!next || !ascii(next->second)) return std::nullopt;
        found[std::string(next->first)] = next->second;
    }
    return found;
}

}  // namespace

std::string_view name(ScramMechanism mechanism) {
    switch (mechanism) {
        case ScramMechanism::sha_256: return sha_256_name;
        case ScramMechanism::sha_512: return sha_512_name;
        case ScramMechanism::unknown: break;
    }
    return "UNKNOWN";
}

ScramMechanism scram_mechanism(std::string_view name) {
    if (name == sha_256_name) return ScramMechanism::sha_256;
    return name == sha_512_name ? ScramMechanism::sha_512 : ScramMechanism::unknown;
}

ScramMechanism scram_mechanism(int8_t number) {
    auto mechanism = ScramMechanism(number);
    bool known = mechanism == ScramMechanism::sha_256 || mechanism == ScramMechanism::sha_512;
    return known ? mechanism : ScramMechanism::unknown;
}

Digest digest_of(ScramMechanism mechanism) {
    STOKER_CHECK(mechanism != ScramMechanism::unknown, "an unknown mechanism has no digest");
    return mechanism == ScramMechanism::sha_256 ? Digest::sha_256 : Digest::sha_512;
}

ScramCredential scram_credential(ScramMechanism mechanism, Bytes salt, ByteView salted_password,
                                 int32_t iterations) {
    Digest digest = digest_of(mechanism);
    Bytes client_key = hmac(digest, salted_password, bytes_of("Client Key"));
    return {.salt = std::move(salt),
            .stored_key = hash(digest, client_key),
            .server_key = hmac(digest, salted_password, bytes_of("Server Key")),
            .iterations = iterations};
}

ScramCredential scram_credential(ScramMechanism mechanism, std::string_view password,
                                 int32_t iterations) {
    Bytes salt = random_bytes(salt_size);
    Bytes salted = pbkdf2(digest_of(mechanism), password, salt, iterations);
    return scram_credential(mechanism, std::move(salt), salted, iterations);
}

std::string to_sasl_name(std::string_view name) {
    std::string result;
    for (char c : name) {
        if (c == '=') result += "=3D";
        else if (c == ',') result += "=2C";
        else result += c;
    }
    return result;
}

std::optional<std::string> from_sasl_name(std::string_view name) {
    std::string result;
    while (!name.empty()) {
        if (name.starts_with("=2C") || name.starts_with("=3D")) {
            result += name[1] == '2' ? ',' : '=';
            name.remove_prefix(3);
            continue;
        }
        if (name.front() == '=') return std::nullopt;
        result += name.front();
        name.remove_prefix(1);
    }
    return result;
}

std::string scram_nonce() {
    return base64_url(random_bytes(nonce_bytes));
}

std::expected<ClientFirst, std::string> parse_client_first(std::string_view text) {
    ClientFirst message;
    Attributes attributes(text);
    if (!text.starts_with("n,")) return malformed("it asks for channel binding, or is no SCRAM");
    std::string_view after = text.substr(2);
    if (after.starts_with("a=")) {
        attributes = Attributes(after);
        auto as = from_sasl_name(*attributes.take("a"));
        if (!as || !ascii(*as)) return malformed("the name it wants to act as is malformed");
        message.acts_as = *as;
        after = attributes.rest();
    } else if (after.starts_with(',')) {
        after.remove_prefix(1);
    } else {
        return malformed("the header is malformed");
    }
    message.gs2_header = text.substr(0, text.size() - after.size());
    message.bare = after;
    attributes = Attributes(after);
    auto user = attributes.take("n");
    auto nonce = user ? attributes.take("r") : std::nullopt;
    if (!nonce) return malformed("it has no user name and nonce, or wants an extension");
    auto user_name = from_sasl_name(*user);
    if (!user_name || !ascii(*user_name)) return malformed("the user name is malformed");
    if (!printable(*nonce)) return malformed("the nonce is malformed");
    auto extensions = extensions_in(attributes);
    if (!extensions) return malformed("the extensions are malformed");
    message.user = *user_name;
    message.nonce = *nonce;
    message.extensions = std::move(*extensions);
    return message;
}

std::expected<ServerFirst, std::string> parse_server_first(std::string_view text) {
    Attributes attributes(text);
    auto nonce = attributes.take("r");
    auto salt_text = nonce ? attributes.take("s") : std::nullopt;
    auto count = salt_text ? attributes.take("i") : std::nullopt;
    if (!count || !extensions_in(attributes)) return malformed("the message is malformed");
    auto salt = from_base64(*salt_text);
    int32_t iterations = 0;
    auto [end, error] = std::from_chars(count->data(), count->data() + count->size(), iterations);
    if (!printable(*nonce) || !salt || salt->empty() || error != std::errc() ||
        end != count->data() + count->size() || iterations <= 0)
        return malformed("the nonce, the salt or the iterations are malformed");
    return ServerFirst{std::string(*nonce), std::move(*salt), iterations};
}

std::string to_text(const ServerFirst& message) {
    return "r=" + message.nonce + ",s=" + base64(message.salt) +
           ",i=" + std::to_string(message.iterations);
}

std::expected<ClientFinal, std::string> parse_client_final(std::string_view text) {
    // The proof is last: extensions may stand before it.
    size_t proof_at = text.rfind(",p=");
    if (proof_at == std::string_view::npos) return malformed("the final message has no proof");
    std::string_view without_proof = text.substr(0, proof_at);
    auto proof = from_base64(text.substr(proof_at + 3));
    Attributes attributes(without_proof);
    auto binding_text = attributes.take("c");
    auto nonce = binding_text ? attributes.take("r") : std::nullopt;
    if (!nonce || !extensions_in(attributes)) return malformed("the final message is malformed");
    auto binding = from_base64(*binding_text);
    if (!binding || !proof || !printable(*nonce))
        return malformed("the binding, the nonce or the proof is malformed");
    return ClientFinal{.channel_binding = std::move(*binding),
                       .nonce = std::string(*nonce),
                       .proof = std::move(*proof),
                       .without_proof = std::string(without_proof)};
}

std::expected<Bytes, std::string> parse_server_final(std::string_view text) {
    Attributes attributes(text);
    if (attributes.take("e")) return malformed("the server refused the user or the password");
    auto signature_text = attributes.take("v");
    auto signature = signature_text ? from_base64(*signature_text) : std::nullopt;
    if (!signature || !extensions_in(attributes)) return malformed("the message is malformed");
    return std::move(*signature);
}

Bytes exclusive_or(ByteView a, ByteView b) {
    STOKER_CHECK(a.size() == b.size(), "byte strings of different sizes");
    Bytes result(a.begin(), a.end());
    for (size_t i = 0; i < b.size(); ++i) result[i] ^= b[i];
    return result;
}

}  // namespace stoker::security
