// One TCP connection to a broker: the ApiVersions handshake, requests in the highest version that
// both sides know, several of them in flight, answers in the order of the requests.
//
// Every call blocks at most until its deadline; there are no threads. Whatever fails on the way
// (the peer hangs up, a malformed or oversized frame, an answer out of turn) closes the connection:
// its owner makes a new one.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "kafka/deadline.hpp"
#include "kafka/endpoint.hpp"
#include "kafka/failure.hpp"
#include "kafka/security.hpp"
#include "kafka/wire.hpp"
#include "protocol/message_io.hpp"
#include "protocol/messages/18_api_versions.hpp"

namespace stoker::kafka {

/// The largest answer that is read, and how much of one a lying size buys before its bytes arrive.
inline constexpr size_t answer_size_max = 128 * 1024 * 1024;
inline constexpr size_t answer_growth = 4 * 1024 * 1024;

struct ConnectionOptions {
    std::string client_id;
    /// SO_SNDBUF and SO_RCVBUF; -1 leaves them to the system.
    int32_t send_buffer_bytes = -1;
    int32_t receive_buffer_bytes = -1;
    /// Null: PLAINTEXT.
    std::shared_ptr<const ClientSecurity> security;
    /// Whom the certificate has to name, where there is TLS.
    std::string host{};
};

/// An answer as it came. Records decoded from it are views into `frame`: keep it as long as them.
struct Answer {
    int32_t correlation_id = 0;
    const protocol::Api* api = nullptr;
    int16_t version = 0;
    Bytes frame;
};

class Connection {
public:
    /// Connects, asks for the peer's versions, and authenticates where there is SASL. The failure
    /// is a DisconnectException, an SslAuthenticationException when either side refuses the TLS
    /// handshake, or says why the peer does not let us in.
    static Outcome<std::unique_ptr<Connection>> open(const Address& address,
                                                     const ConnectionOptions& options,
                                                     Deadline deadline);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    bool is_open() const { return wire_.socket() >= 0; }
    /// For poll(); -1 once closed.
    int socket() const { return wire_.socket(); }
    size_t in_flight() const { return asked_.size(); }
    const protocol::ApiVersionsResponse& peer() const { return peer_; }
    /// The highest version that both sides know, at most `at_most`; else UnsupportedVersion.
    Outcome<int16_t> version_of(const protocol::Api& api, int16_t at_most = INT16_MAX) const;

    struct Sending {
        int16_t version_max = INT16_MAX;
        /// A produce request with acks=0 gets no answer.
        bool answered = true;
    };
    /// The correlation id. Reads what arrives while the peer does not take the bytes.
    template <protocol::Message Request>
    Outcome<int32_t> send(const Request& request, Deadline deadline, Sending how = {});

    /// What has arrived, without waiting: the next answer, or nothing yet.
    Outcome<std::optional<Answer>> poll();
    /// The next answer.
    Outcome<Answer> receive(Deadline deadline);
    /// Waits until there is something to read or the deadline has passed.
    void wait_readable(Deadline deadline) const;

    /// One request and its answer; nothing else may be in flight.
    template <protocol::Message Response, protocol::Message Request>
    Outcome<Response> call(const Request& request, Deadline deadline, Sending how = {});

    void close();

private:
    struct Asked {
        int32_t correlation_id;
        const protocol::Api* api;
        int16_t version;
    };

    Connection(int socket, const ConnectionOptions& options)
        : wire_(socket), client_id_(options.client_id), security_(options.security) {}
    Outcome<void> shake_hands_of_tls(Deadline deadline);
    Outcome<void> shake_hands(Deadline deadline);
    Outcome<void> authenticate(Deadline deadline);
    Outcome<void> exchange_tokens(security::SaslClient& client, Deadline deadline);
    void reauthenticate_in(int64_t lifetime_ms);
    /// Authenticates again when it is time and nothing is in flight.
    Outcome<void> renew_session(Deadline deadline);
    Outcome<void> write(ByteView bytes, Deadline deadline);
    Outcome<bool> read_some();
    Outcome<std::optional<Answer>> take_answer();
    std::unexpected<Failure> broken(std::string why);
    std::unexpected<Failure> broken(const Wire::Step& step);

    Wire wire_;
    std::string client_id_;
    std::shared_ptr<const ClientSecurity> security_;
    std::optional<std::chrono::steady_clock::time_point> renews_at_;
    protocol::ApiVersionsResponse peer_;
    int32_t next_correlation_id_ = 0;
    std::deque<Asked> asked_;
    /// Of the answer that is being read: four bytes of size, then as much of the frame as arrived.
    std::byte size_bytes_[4];
    size_t size_read_ = 0;
    size_t frame_size_ = 0;
    size_t frame_read_ = 0;
    Bytes frame_;
    std::deque<Bytes> arrived_;
};

/// The body of an answer. Bytes that are no such message fail as Java's SchemaException; what
/// follows the message is ignored, as Java does.
template <protocol::Message Response>
Outcome<Response> decode_answer(Answer& answer);

Failure disconnected(std::string why);
Failure malformed(std::string why);
/// A request with a field that its version cannot carry.
Failure cannot_travel(std::string why);

template <protocol::Message Request>
Outcome<int32_t> Connection::send(const Request& request, Deadline deadline, Sending how) {
    Outcome<int16_t> version = version_of(Request::api, how.version_max);
    if (!version) return failed(version.error());
    if (Outcome<void> renewed = renew_session(deadline); !renewed) return failed(renewed.error());
    int32_t id = next_correlation_id_;
    Bytes frame;
    try {
        frame = protocol::encode_request(id, client_id_, request, *version);
    } catch (const protocol::CannotEncode& error) {
        return failed(cannot_travel(error.what()));
    }
    next_correlation_id_ = id == INT32_MAX ? 0 : id + 1;
    if (how.answered) asked_.push_back({id, &Request::api, *version});
    if (Outcome<void> written = write(frame, deadline); !written) return failed(written.error());
    return id;
}

template <protocol::Message Response, protocol::Message Request>
Outcome<Response> Connection::call(const Request& request, Deadline deadline, Sending how) {
    static_assert(Response::api.key == Request::api.key);
    Outcome<int32_t> id = send(request, deadline, how);
    if (!id) return failed(id.error());
    Outcome<Answer> answer = receive(deadline);
    if (!answer) return failed(answer.error());
    if (answer->correlation_id != *id) return broken("an answer to another request");
    return decode_answer<Response>(*answer);
}

template <protocol::Message Response>
Outcome<Response> decode_answer(Answer& answer) {
    try {
        auto parts = protocol::read_response_header(answer.frame, Response::api, answer.version);
        return protocol::decode_front<Response>(parts.body, answer.version);
    } catch (const protocol::MalformedMessage& error) {
        return failed(malformed(error.what()));
    }
}

}  // namespace stoker::kafka
