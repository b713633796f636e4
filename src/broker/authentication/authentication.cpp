#include "broker/authentication/authentication.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "protocol/messages/18_api_versions.hpp"
#include "security/oauthbearer_server.hpp"

namespace stoker::broker {

using protocol::SaslAuthenticateRequest;
using protocol::SaslAuthenticateResponse;
using protocol::SaslHandshakeRequest;
using protocol::SaslHandshakeResponse;
using security::SaslFailure;
using State = SaslSession::State;

namespace {

constexpr std::string_view user_option = "user_";
/// More often nobody may authenticate again on one connection, as upstream.
constexpr int64_t repeat_interval_ms = 1000;
/// Longer than any connection lives: what is configured may be the greatest number there is.
constexpr int64_t lifetime_max_ms = int64_t{100} * 365 * 24 * 3'600'000;
constexpr size_t size_prefix = sizeof(int32_t);

std::expected<SaslMechanism, std::string> prepare(MechanismSettings settings,
                                                  const ScramDirectory& users, Clock& clock) {
    SaslMechanism ready;
    auto passwords = settings.jaas.options_after(user_option);
    switch (settings.mechanism) {
        case Mechanism::plain:
            ready.plain = std::make_shared<const security::PlainUsers>(passwords);
            break;
        case Mechanism::scram_sha_256:
        case Mechanism::scram_sha_512:
            ready.scram = std::make_shared<const ScramUsers>(
                security::scram_mechanism(settings.name), users, passwords);
            break;
        case Mechanism::oauthbearer: {
            auto file =
                security::JwksFile::open(settings.jwks_path, settings.jwks_refresh_ms, clock);
            if (!file)
                return std::unexpected("The key set " + settings.jwks_path +
                                       " (sasl.oauthbearer.jwks.endpoint.url) does not do: " +
                                       file.error() + ".");
            ready.keys = std::move(*file);
            break;
        }
    }
    settings.jaas.options.clear();  // no longer than needed
    ready.settings = std::move(settings);
    return ready;
}

/// The frame of a bare token.
net::OutFrame framed(const Bytes& token) {
    net::OutFrame frame;
    frame.bytes.resize(size_prefix);
    store_big_endian(frame.bytes.data(), int32_t(token.size()));
    frame.bytes.insert(frame.bytes.end(), token.begin(), token.end());
    return frame;
}

}  // namespace

std::expected<std::unique_ptr<Authentication>, std::string> Authentication::create(
    Options options, const ScramDirectory& users, Clock& clock, Timers& timers) {
    std::unique_ptr<Authentication> made(
        new Authentication(clock, timers, options.failure_delay_ms));
    for (SaslListener& settings : options.listeners) {
        std::vector<SaslMechanism> mechanisms;
        for (const MechanismSettings& mechanism : settings.mechanisms) {
            auto ready = prepare(mechanism, users, clock);
            if (!ready) return std::unexpected(ready.error());
            mechanisms.push_back(std::move(*ready));
        }
        for (MechanismSettings& mechanism : settings.mechanisms) mechanism.jaas.options.clear();
        std::string name = settings.name;
        made->listeners_.emplace(
            name, Listener{.settings = std::move(settings), .mechanisms = std::move(mechanisms)});
    }
    return made;
}

std::shared_ptr<SaslSession> Authentication::session(const net::Peer& peer) {
    if (!listeners_.contains(peer.listener)) return nullptr;
    auto sessions = shard(peer.session_id).lock();
    auto& session = (*sessions)[peer.session_id];
    if (!session) session = std::make_shared<SaslSession>();
    return session;
}

void Authentication::forget(uint64_t session_id) {
    shard(session_id).lock()->erase(session_id);
}

const Authentication::Listener& Authentication::listener(const net::Peer& peer) const {
    auto found = listeners_.find(peer.listener);
    STOKER_CHECK(found != listeners_.end(), "a SASL listener has settings");
    return found->second;
}

std::optional<std::string> Authentication::why_not(const SaslSession& session,
                                                   const protocol::RequestHeader& header) const {
    const int16_t api = header.request_api_key;
    const bool handshake = api == SaslHandshakeRequest::api.key;
    const bool token = api == SaslAuthenticateRequest::api.key;
    switch (session.state) {
        case State::failed:
            return "it failed to authenticate";
        case State::done:
            if (!session.ends_at_ms || clock_.monotonic_ms() <= *session.ends_at_ms) break;
            if (handshake && may_repeat(session)) break;
            return "its session has expired: it has to authenticate again";
        case State::start:
            if (handshake || token || api == protocol::ApiVersionsRequest::api.key) break;
            return "it sent a request before it authenticated: is its security.protocol that of "
                   "the listener?";
        case State::exchanging:
            if (handshake || token) break;
            return "it sent another request while it authenticated";
    }
    return std::nullopt;
}

bool Authentication::may_repeat(const SaslSession& session) const {
    return session.ends_at_ms &&
           (!session.repeated_at_ms ||
            clock_.monotonic_ms() - *session.repeated_at_ms >= repeat_interval_ms);
}

std::unique_ptr<security::SaslServer> Authentication::server_for(
    const SaslMechanism& mechanism) const {
    switch (mechanism.settings.mechanism) {
        case Mechanism::plain:
            return security::plain_server(mechanism.plain);
        case Mechanism::scram_sha_256:
        case Mechanism::scram_sha_512:
            return security::scram_server(
                mechanism.scram->mechanism(),
                [users = mechanism.scram](const std::string& user) { return users->find(user); });
        case Mechanism::oauthbearer:
            break;
    }
    auto keys = [file = mechanism.keys](bool refresh) { return file->keys(refresh); };
    return security::oauthbearer_server(
        [keys, &rules = mechanism.settings.jwt, this](std::string_view token) {
            return security::validate_jwt(token, rules, keys, clock_.wall_ms());
        });
}

template <class Answer>
void Authentication::refuse(SaslSession& session, Answer answer) {
    session.state = State::failed;
    session.server.reset();
    if (failure_delay_ms_ <= 0) return answer();
    // Timers copy their tasks, and a promise to answer cannot be copied.
    auto kept = std::make_shared<Answer>(std::move(answer));
    timers_.schedule(clock_.monotonic_ms() + failure_delay_ms_, [kept] { (*kept)(); });
}

void Authentication::log_failure(const net::Peer& peer, const SaslSession& session,
                                 const std::string& reason) {
    auto gate = gate_.lock();
    if (!gate->pass(clock_.monotonic_ms())) return;
    spdlog::warn("{}:{} failed {} at {}{}{}: {}.", peer.address, peer.port,
                 session.repeats() ? "re-authentication" : "authentication", peer.listener,
                 session.mechanism == nullptr ? "" : " with ",
                 session.mechanism == nullptr ? "" : session.mechanism->settings.name, reason);
    if (uint64_t more = gate->take_held_back(); more > 0)
        spdlog::warn("{} more failures to authenticate were not logged.", more);
}

std::string Authentication::told(const SaslSession& session, const SaslFailure& failure) const {
    if (!failure.told.empty()) return failure.told;
    return std::string("Authentication failed during ") +
           (session.repeats() ? "re-authentication" : "authentication") +
           " due to invalid credentials with SASL mechanism " + session.mechanism->settings.name;
}

void Authentication::handshake(const Request& request, SaslSession& session,
                               const SaslHandshakeRequest& asked,
                               Reply<SaslHandshakeResponse> reply) {
    SaslHandshakeResponse response;
    auto end_with = [&](ErrorCode error, const std::string& reason) {
        response.error_code = error;
        log_failure(request.peer, session, reason);
        refuse(session, [response, reply = std::move(reply)]() mutable {
            std::move(reply).and_close(response);
        });
    };
    if (session.state == State::exchanging)
        return end_with(ErrorCode::illegal_sasl_state, "SaslHandshake came twice");
    const bool again = session.state == State::done;
    if (again && !may_repeat(session)) {
        response.error_code = ErrorCode::illegal_sasl_state;
        return std::move(reply)(response);
    }
    const Listener& here = listener(request.peer);
    const SaslMechanism* mechanism = nullptr;
    for (const SaslMechanism& enabled : here.mechanisms) {
        response.mechanisms.push_back(enabled.settings.name);
        if (enabled.settings.name == asked.mechanism) mechanism = &enabled;
    }
    if (mechanism == nullptr)
        return end_with(ErrorCode::unsupported_sasl_mechanism,
                        "it asked for a SASL mechanism that is not enabled");
    if (again) {
        session.mechanism_before = session.mechanism->settings.name;
        session.repeated_at_ms = clock_.monotonic_ms();
    }
    session.mechanism = mechanism;
    session.server = server_for(*mechanism);
    session.bare_tokens = reply.version() == 0;
    session.state = State::exchanging;
    std::move(reply)(response);
}

std::expected<void, SaslFailure> Authentication::finish(SaslSession& session) {
    std::string principal = "User:" + session.server->user();
    if (session.repeats() && principal != session.principal) {
        auto java_name = [](std::string name) {
            name[std::string_view("User").size()] = '.';
            return name;
        };
        return std::unexpected(
            SaslFailure{.reason = "it is another principal than before",
                        .told = "Cannot change principals during re-authentication from " +
                                java_name(session.principal) + ": " + java_name(principal)});
    }
    session.principal = std::move(principal);
    const int64_t lifetime = std::min(lifetime_ms(session), lifetime_max_ms);
    bool ends = session.server->expires_at_ms() ||
                session.mechanism->settings.reauthentication_ms_max > 0;
    session.ends_at_ms = ends ? std::optional(clock_.monotonic_ms() + lifetime) : std::nullopt;
    return {};
}

int64_t Authentication::lifetime_ms(const SaslSession& session) const {
    const int64_t configured = session.mechanism->settings.reauthentication_ms_max;
    auto expires = session.server->expires_at_ms();
    if (!expires) return std::max<int64_t>(configured, 0);
    int64_t left = std::max<int64_t>(*expires - clock_.wall_ms(), 0);
    return configured > 0 ? std::min(left, configured) : left;
}

std::expected<Bytes, SaslFailure> Authentication::step(const net::Peer& peer,
                                                       SaslSession& session, ByteView token) {
    if (session.repeats() && session.mechanism_before != session.mechanism->settings.name)
        return std::unexpected(SaslFailure{
            .reason = "it changed its mechanism",
            .told = "SASL mechanism '" + session.mechanism->settings.name +
                    "' requested by client is not supported for re-authentication of mechanism '" +
                    session.mechanism_before + "'"});
    if (token.size() > size_t(std::max(listener(peer).settings.token_size_max, 0)))
        return std::unexpected(
            SaslFailure{.reason = "its token is larger than sasl.server.max.receive.size"});
    auto answer = session.server->evaluate(token);
    if (!answer || !session.server->complete()) return answer;
    if (auto fine = finish(session); !fine) return std::unexpected(fine.error());
    session.state = State::done;
    spdlog::debug("{}:{} authenticated at {} with {}", peer.address, peer.port, peer.listener,
                  session.mechanism->settings.name);
    return answer;
}

void Authentication::authenticate(const Request& request, SaslSession& session,
                                  const SaslAuthenticateRequest& asked,
                                  Reply<SaslAuthenticateResponse> reply) {
    SaslAuthenticateResponse response{.error_message = std::nullopt};
    if (session.state == State::done) {
        response.error_code = ErrorCode::illegal_sasl_state;
        response.error_message =
            "SaslAuthenticate request received after successful authentication";
        return std::move(reply)(response);
    }
    auto end_with = [&](ErrorCode error, std::string message, const std::string& reason) {
        response.error_code = error;
        response.error_message = std::move(message);
        log_failure(request.peer, session, reason);
        refuse(session, [response, reply = std::move(reply)]() mutable {
            std::move(reply).and_close(response);
        });
    };
    if (session.state != State::exchanging)
        return end_with(ErrorCode::illegal_sasl_state,
                        "SaslAuthenticate request received before SaslHandshake",
                        "SaslAuthenticate came before SaslHandshake");
    auto answer = step(request.peer, session, asked.auth_bytes);
    if (!answer)
        return end_with(ErrorCode::sasl_authentication_failed, told(session, answer.error()),
                        answer.error().reason);
    response.auth_bytes = std::move(*answer);
    if (session.state == State::done) {
        response.session_lifetime_ms = lifetime_ms(session);
        session.mechanism_before.clear();
        session.server.reset();
        reply.authenticated();
    }
    std::move(reply)(response);
}

void Authentication::bare_token(const net::Peer& peer, SaslSession& session, ByteView token,
                                net::Responder responder) {
    auto answer = step(peer, session, token);
    if (!answer) {
        log_failure(peer, session, answer.error().reason);
        return refuse(session, [responder = std::move(responder)]() mutable {
            std::move(responder).close("");  // there is no answer to a bare token
        });
    }
    if (session.state == State::done) {
        session.mechanism_before.clear();
        session.server.reset();
        responder.authenticated();
    }
    std::move(responder).send(framed(*answer));
}

}  // namespace stoker::broker
