// What must hold for any bytes that claim to be a JAAS entry, an exchange of SCRAM, or a token. Each
// check aborts when it does not hold, and returns whether the bytes were what they claim to be.
#pragma once

#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "security/jaas.hpp"
#include "security/jwt.hpp"
#include "security/oauthbearer_server.hpp"
#include "security/sasl_client.hpp"
#include "security/scram_server.hpp"

namespace stoker::security {

inline bool check_jaas(ByteView input) {
    auto entry = parse_jaas(text_of(input));
    if (!entry) {
        STOKER_CHECK(!entry.error().empty(), "a refusal says why");
        return false;
    }
    // What was read, written with quotes, is read as the same.
    auto quoted = [](const std::string& text) {
        std::string result = "\"";
        for (char c : text) {
            if (c == '\n') result += "\\n";
            else if (c == '\r') result += "\\r";
            else result += std::string(c == '"' || c == '\\' ? "\\" : "") + c;
        }
        return result + "\"";
    };
    std::string again = entry->module == LoginModule::plain
                            ? "org.apache.kafka.common.security.plain.PlainLoginModule"
                        : entry->module == LoginModule::scram
                            ? "org.apache.kafka.common.security.scram.ScramLoginModule"
                            : "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule";
    again += " required";
    for (const auto& [name, value] : entry->options)
        again += " " + quoted(name) + "=" + quoted(value);
    auto read = parse_jaas(again + ";");
    STOKER_CHECK(read && read->options == entry->options, "an entry is read as it was written");
    return true;
}

/// The client's messages, a line each, to a server that has the user "user"; $N stands for the
/// nonce. Then each line to a client, as the server's.
inline bool check_scram(ByteView input) {
    std::string_view text = text_of(input);
    size_t end = std::min(text.find('\n'), text.size());
    std::string first(text.substr(0, end));
    std::string final(text.substr(std::min(end + 1, text.size())));
    static const ScramCredential credential =
        scram_credential(ScramMechanism::sha_256, "pencil", scram_iterations_min);
    auto server = scram_server(ScramMechanism::sha_256, [](const std::string& user) {
        ScramLookup lookup;
        if (user == "user") lookup.credential = credential;
        return lookup;
    });
    auto answer = server->evaluate(bytes_of(first));
    if (answer) {
        auto server_first = parse_server_first(text_of(*answer));
        STOKER_CHECK(server_first.has_value(), "a server's message is one");
        if (size_t at = final.find("$N"); at != std::string::npos)
            final.replace(at, 2, server_first->nonce);
        STOKER_CHECK(!server->evaluate(bytes_of(final)) && !server->complete(),
                     "nobody gets in who does not know the password");
    }
    auto client = scram_client(ScramMechanism::sha_256, "user", "pencil", "abc");
    (void)client->first();
    auto server_first = parse_server_first(first);
    // The password's hash of many rounds is for the unit tests.
    if (!server_first || server_first->iterations < scram_iterations_min)
        STOKER_CHECK(!client->evaluate(bytes_of(first)), "a client takes no such message");
    (void)parse_server_final(final);
    return answer.has_value();
}

/// A token for the key of RFC 7515's example, and the same bytes as keys and as a SASL message.
inline bool check_jwt(ByteView input) {
    static const auto keys = std::make_shared<const KeySet>(*KeySet::parse(
        R"({"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
        R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]})"));
    constexpr int64_t now_ms = 1'300'000'000'000;
    auto check = [](std::string_view token) {
        return validate_jwt(token, {}, [](bool) { return keys; }, now_ms);
    };
    auto valid = check(text_of(input));
    STOKER_CHECK(!valid, "nobody but the example's author can sign");
    (void)KeySet::parse(text_of(input));
    auto server = oauthbearer_server(check);
    (void)server->evaluate(input);
    STOKER_CHECK(!server->complete(), "nobody gets in without a token");
    return valid.error() == "the token has no iat";  // signed well, and not for us
}

}  // namespace stoker::security
