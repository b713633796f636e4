// Who is at the other end of a connection to a SASL listener: the exchange of SaslHandshake and
// SaslAuthenticate (KIP-43, KIP-152), bare tokens after SaslHandshake 0, what may be asked before
// it is over, and doing it again before a session ends (KIP-368).
//
// A session's frames come one after the other on its io thread, and nothing but them changes its
// state: SaslSession needs no lock. A refusal is answered late (connection.failed.authentication.
// delay.ms), by the broker's timers, and ends the connection.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "broker/authentication/sasl_settings.hpp"
#include "broker/authentication/scram_users.hpp"
#include "broker/request.hpp"
#include "broker/timers.hpp"
#include "net/log_gate.hpp"
#include "protocol/messages/17_sasl_handshake.hpp"
#include "protocol/messages/36_sasl_authenticate.hpp"
#include "security/jwks_file.hpp"
#include "security/plain_server.hpp"
#include "security/sasl.hpp"

namespace stoker::broker {

/// What is ready to check the users of one mechanism of one listener.
struct SaslMechanism {
    MechanismSettings settings;
    std::shared_ptr<const security::PlainUsers> plain;
    std::shared_ptr<const ScramUsers> scram;
    std::shared_ptr<security::JwksFile> keys;
};

struct SaslSession {
    enum class State : uint8_t { start, exchanging, done, failed };
    State state = State::start;
    bool bare_tokens = false;  // SaslHandshake was of version 0
    const SaslMechanism* mechanism = nullptr;
    std::unique_ptr<security::SaslServer> server;
    /// "User:alice" once it is known; kept while it authenticates again.
    std::string principal;
    std::string mechanism_before;  // not empty: it authenticates again
    std::optional<int64_t> ends_at_ms;  // monotonic
    std::optional<int64_t> repeated_at_ms;

    bool repeats() const { return !mechanism_before.empty(); }
};

class Authentication {
public:
    struct Options {
        std::vector<SaslListener> listeners;
        int64_t failure_delay_ms = 0;
    };
    /// `users` knows SCRAM's users of the metadata log. All references outlive it. The error is a
    /// sentence: a key set that cannot be read, a password that is none.
    static std::expected<std::unique_ptr<Authentication>, std::string> create(
        Options options, const ScramDirectory& users, Clock& clock, Timers& timers);

    /// The session's state; made when there is none yet. Null on listeners without SASL.
    std::shared_ptr<SaslSession> session(const net::Peer& peer);
    void forget(uint64_t session_id);

    /// Why this request ends the connection; nothing when it may be handled.
    std::optional<std::string> why_not(const SaslSession& session,
                                       const protocol::RequestHeader& header) const;
    static bool takes_bare_token(const SaslSession& session) {
        return session.state == SaslSession::State::exchanging && session.bare_tokens;
    }

    void bare_token(const net::Peer& peer, SaslSession& session, ByteView token,
                    net::Responder responder);
    void handshake(const Request& request, SaslSession& session,
                   const protocol::SaslHandshakeRequest& asked,
                   Reply<protocol::SaslHandshakeResponse> reply);
    void authenticate(const Request& request, SaslSession& session,
                      const protocol::SaslAuthenticateRequest& asked,
                      Reply<protocol::SaslAuthenticateResponse> reply);

private:
    struct Listener {
        SaslListener settings;
        std::vector<SaslMechanism> mechanisms;
    };
    using Sessions = std::unordered_map<uint64_t, std::shared_ptr<SaslSession>>;
    static constexpr size_t shards = 16;
    static constexpr uint64_t log_lines_a_second = 100;

    Authentication(Clock& clock, Timers& timers, int64_t failure_delay_ms)
        : clock_(clock), timers_(timers), failure_delay_ms_(failure_delay_ms) {}

    Guarded<Sessions>& shard(uint64_t session_id) { return sessions_[session_id % shards]; }
    const Listener& listener(const net::Peer& peer) const;
    std::unique_ptr<security::SaslServer> server_for(const SaslMechanism& mechanism) const;
    bool may_repeat(const SaslSession& session) const;
    std::expected<Bytes, security::SaslFailure> step(const net::Peer& peer, SaslSession& session,
                                                     ByteView token);
    std::expected<void, security::SaslFailure> finish(SaslSession& session);
    int64_t lifetime_ms(const SaslSession& session) const;
    void log_failure(const net::Peer& peer, const SaslSession& session, const std::string& reason);
    std::string told(const SaslSession& session, const security::SaslFailure& failure) const;
    /// Answers late and ends the connection.
    template <class Answer>
    void refuse(SaslSession& session, Answer answer);

    Clock& clock_;
    Timers& timers_;
    int64_t failure_delay_ms_;
    std::unordered_map<std::string, Listener> listeners_;
    std::array<Guarded<Sessions>, shards> sessions_;
    Guarded<net::LogGate> gate_{log_lines_a_second};
};

}  // namespace stoker::broker
