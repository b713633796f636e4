// The part of Connection that authenticates: SaslHandshake, then tokens in SaslAuthenticate
// (KIP-152), and the same again before the session ends (KIP-368).
#include <algorithm>
#include <utility>

#include "kafka/connection.hpp"
#include "protocol/messages/17_sasl_handshake.hpp"
#include "protocol/messages/36_sasl_authenticate.hpp"

namespace stoker::kafka {
namespace {

/// SCRAM takes two; a server that goes on and on has something else in mind.
constexpr int tokens_max = 8;
/// How much of a session's time passes before the next one begins, as Java's clients have it.
constexpr double session_share = 0.85;
/// A session that lasts longer than any connection needs no renewal.
constexpr int64_t lifetime_max_ms = int64_t{365} * 24 * 3'600'000;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return "[" + text + "]";
}

Failure sasl_failure(std::string why) {
    return failure_of(ErrorCode::sasl_authentication_failed, std::move(why));
}

}  // namespace

Outcome<void> Connection::authenticate(Deadline deadline) {
    using protocol::SaslHandshakeRequest;
    using protocol::SaslHandshakeResponse;
    if (!security_ || !security_->uses_sasl()) return {};
    auto client = security_->sasl();
    if (!client) return failed(client.error());
    Outcome<SaslHandshakeResponse> shaken =
        call<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = security_->mechanism},
                                    deadline, {.version_max = 1});
    if (!shaken) return failed(shaken.error());
    if (shaken->error_code == ErrorCode::none) return exchange_tokens(**client, deadline);
    close();
    if (shaken->error_code == ErrorCode::unsupported_sasl_mechanism) {
        return failed(failure_of(shaken->error_code,
                                 "Client SASL mechanism '" + security_->mechanism +
                                     "' not enabled in the server, enabled mechanisms are " +
                                     joined(shaken->mechanisms)));
    }
    return failed(failure_of(shaken->error_code,
                             "Unexpected handshake request with client mechanism " +
                                 security_->mechanism + ", enabled mechanisms are " +
                                 joined(shaken->mechanisms)));
}

Outcome<void> Connection::exchange_tokens(security::SaslClient& client, Deadline deadline) {
    using protocol::SaslAuthenticateRequest;
    using protocol::SaslAuthenticateResponse;
    std::optional<Bytes> token = client.first();
    for (int tokens = 0; token && tokens < tokens_max; ++tokens) {
        Outcome<SaslAuthenticateResponse> answer = call<SaslAuthenticateResponse>(
            SaslAuthenticateRequest{.auth_bytes = std::move(*token)}, deadline);
        if (!answer) return failed(answer.error());
        if (answer->error_code != ErrorCode::none) {
            close();
            auto message = answer->error_message;
            if (message && message->empty()) message.reset();
            return failed(failure_of(answer->error_code, message));
        }
        auto next = client.evaluate(answer->auth_bytes);
        if (!next) {
            close();
            return failed(sasl_failure(next.error()));
        }
        token = std::move(*next);
        reauthenticate_in(answer->session_lifetime_ms);
    }
    if (client.complete()) return {};
    close();
    return failed(sasl_failure("The server did not finish the SASL exchange"));
}

void Connection::reauthenticate_in(int64_t lifetime_ms) {
    renews_at_.reset();
    if (lifetime_ms <= 0 || lifetime_ms > lifetime_max_ms) return;
    auto share = std::chrono::milliseconds(int64_t(double(lifetime_ms) * session_share));
    renews_at_ = std::chrono::steady_clock::now() + share;
}

Outcome<void> Connection::renew_session(Deadline deadline) {
    if (!renews_at_ || !asked_.empty() || std::chrono::steady_clock::now() < *renews_at_) return {};
    renews_at_.reset();
    return authenticate(deadline);
}

}  // namespace stoker::kafka
