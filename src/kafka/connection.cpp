#include "kafka/connection.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>

#include "base/big_endian.hpp"

namespace stoker::kafka {
namespace {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;

constexpr int16_t handshake_version = 4;

/// What poll() says before the deadline; 0 when it has passed.
short wait_for(int socket, short events, Deadline deadline) {
    for (;;) {
        pollfd waiting{.fd = socket, .events = events, .revents = 0};
        int64_t left = std::min<int64_t>(deadline.left_ms(), INT32_MAX);
        int ready = ::poll(&waiting, 1, int(left));
        if (ready > 0) return waiting.revents;
        if (ready == 0 || errno != EINTR) return 0;
    }
}

void set_options(int socket, const ConnectionOptions& options) {
    int yes = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    int size = options.send_buffer_bytes;
    if (size > 0) ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    size = options.receive_buffer_bytes;
    if (size > 0) ::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

/// 0 or errno.
int connect_until(int socket, const Address& address, Deadline deadline) {
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) == 0) {
        return 0;
    }
    if (errno != EINPROGRESS) return errno;
    if (wait_for(socket, POLLOUT, deadline) == 0) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
}

/// The name of Java's enum: ListOffsets becomes LIST_OFFSETS.
std::string enum_name(std::string_view name) {
    std::string upper;
    for (size_t i = 0; i < name.size(); ++i) {
        auto c = static_cast<unsigned char>(name[i]);
        if (std::isupper(c) && i > 0) upper += '_';
        upper += char(std::toupper(c));
    }
    return upper;
}

std::string range_text(int16_t first, int16_t last) {
    return "[" + std::to_string(first) + "," + std::to_string(last) + "]";
}

}  // namespace

Failure disconnected(std::string why) {
    return client_failure("DisconnectException", std::move(why));
}

Failure malformed(std::string why) {
    return {.exception = "org.apache.kafka.common.protocol.types.SchemaException",
            .message = std::move(why)};
}

Failure cannot_travel(std::string why) {
    Failure failure = client_failure("UnsupportedVersionException", std::move(why));
    failure.code = ErrorCode::unsupported_version;
    return failure;
}

void pause(int64_t ms) {
    ::poll(nullptr, 0, int(std::clamp<int64_t>(ms, 0, INT32_MAX)));
}

Outcome<std::unique_ptr<Connection>> Connection::open(const Address& address,
                                                      const ConnectionOptions& options,
                                                      Deadline deadline) {
    int socket = ::socket(address.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0) return failed(disconnected(std::strerror(errno)));
    std::unique_ptr<Connection> made(new Connection(socket, options));
    set_options(socket, options);
    if (int error = connect_until(socket, address, deadline); error != 0) {
        return failed(disconnected(std::strerror(error)));
    }
    if (options.security && options.security->tls) {
        made->wire_.encrypt(*options.security->tls, options.host);
        if (Outcome<void> shaken = made->shake_hands_of_tls(deadline); !shaken) {
            return failed(shaken.error());
        }
    }
    if (Outcome<void> shaken = made->shake_hands(deadline); !shaken) {
        return failed(shaken.error());
    }
    if (Outcome<void> known = made->authenticate(deadline); !known) {
        return failed(known.error());
    }
    return made;
}

Connection::~Connection() = default;

void Connection::close() { wire_.close(); }

std::unexpected<Failure> Connection::broken(std::string why) {
    close();
    return failed(disconnected(std::move(why)));
}

/// Who refuses the other is not asked again: that is an authentication failure in Java. Since TLS
/// 1.3 our side of the handshake is over when the peer refuses our certificate.
std::unexpected<Failure> Connection::broken(const Wire::Step& step) {
    const bool is_refusal = step.state == Wire::Step::State::failed && peer_.api_keys.size() <= 1;
    if (!is_refusal) return broken(step.why);
    close();
    Failure failure = client_failure("SslAuthenticationException", "SSL handshake failed");
    failure.cause = std::make_shared<const Failure>(
        Failure{.exception = "javax.net.ssl.SSLHandshakeException", .message = step.why});
    return failed(std::move(failure));
}

Outcome<void> Connection::shake_hands_of_tls(Deadline deadline) {
    using State = Wire::Step::State;
    for (;;) {
        const Wire::Step step = wire_.shake_hands();
        switch (step.state) {
            case State::done: return {};
            case State::closed: return broken(step.why);
            case State::failed: return broken(step);
            case State::wait:
                if (wait_for(socket(), step.events, deadline) == 0) {
                    return broken("timed out during the TLS handshake");
                }
        }
    }
}

/// A broker that does not know our version says so in version 0 and names its own (KIP-511).
Outcome<void> Connection::shake_hands(Deadline deadline) {
    ApiVersionsRequest request{.client_software_name = "stoker",
                               .client_software_version = STOKER_VERSION};
    int16_t version = handshake_version;
    for (int attempt = 0; attempt < 2; ++attempt) {
        peer_.api_keys = {{ApiVersionsRequest::api.key, 0, version}};
        Outcome<int32_t> id = send(request, deadline);
        if (!id) return failed(id.error());
        Outcome<Answer> answer = receive(deadline);
        if (!answer) return failed(answer.error());
        Outcome<ApiVersionsResponse> versions = decode_answer<ApiVersionsResponse>(*answer);
        if (!versions || versions->error_code == ErrorCode::unsupported_version) {
            answer->version = 0;
            versions = decode_answer<ApiVersionsResponse>(*answer);
        }
        if (!versions) return broken(versions.error().text());
        if (versions->error_code == ErrorCode::none) {
            peer_ = std::move(*versions);
            return {};
        }
        if (versions->error_code != ErrorCode::unsupported_version) {
            return broken("ApiVersions was answered with " +
                          std::string(stoker::name(versions->error_code)));
        }
        version = 0;
        for (const auto& api : versions->api_keys) {
            if (api.api_key == ApiVersionsRequest::api.key && api.max_version >= 0) {
                version = std::min(handshake_version, api.max_version);
            }
        }
    }
    return broken("no version of ApiVersions in common");
}

Outcome<int16_t> Connection::version_of(const protocol::Api& api, int16_t at_most) const {
    using Served = ApiVersionsResponse::ApiVersion;
    auto found = std::ranges::find(peer_.api_keys, api.key, &Served::api_key);
    std::string does_not = "The node does not support " + enum_name(api.name);
    if (found == peer_.api_keys.end()) return failed(cannot_travel(does_not));
    int16_t highest = std::min({api.versions.last, found->max_version, at_most});
    if (highest < std::max(api.versions.first, found->min_version)) {
        return failed(cannot_travel(
            does_not + " with version in range " +
            range_text(api.versions.first, std::min(api.versions.last, at_most)) +
            ". The supported range is " + range_text(found->min_version, found->max_version) +
            "."));
    }
    return highest;
}

Outcome<void> Connection::write(ByteView bytes, Deadline deadline) {
    if (!is_open()) return failed(disconnected("the connection is closed"));
    while (!bytes.empty()) {
        const Wire::Step sent = wire_.send(bytes);
        bytes = bytes.subspan(sent.bytes);
        if (sent.state == Wire::Step::State::done) continue;
        if (sent.state != Wire::Step::State::wait) return broken(sent);
        short ready = wait_for(socket(), short(sent.events | POLLIN), deadline);
        if (ready == 0) return broken("timed out while sending");
        // Two sides that only write would wait for each other for ever.
        if ((ready & POLLIN) != 0) {
            if (Outcome<bool> read = read_some(); !read) return failed(read.error());
        }
    }
    return {};
}

/// Reads once, without waiting; whether anything came.
Outcome<bool> Connection::read_some() {
    if (!is_open()) return failed(disconnected("the connection is closed"));
    bool in_size = size_read_ < sizeof size_bytes_;
    std::byte* into = in_size ? size_bytes_ + size_read_ : nullptr;
    size_t room = sizeof size_bytes_ - size_read_;
    if (!in_size) {
        if (frame_.size() == frame_read_) {
            frame_.resize(std::min(frame_size_, frame_read_ + answer_growth));
        }
        into = frame_.data() + frame_read_;
        room = frame_.size() - frame_read_;
    }
    const Wire::Step step = wire_.receive(into, room);
    if (step.state == Wire::Step::State::wait) return false;
    if (step.state != Wire::Step::State::done) return broken(step);
    const size_t got = step.bytes;
    if (in_size) {
        size_read_ += got;
        if (size_read_ < sizeof size_bytes_) return true;
        auto size = load_big_endian<int32_t>(size_bytes_);
        if (size < 4 || size_t(size) > answer_size_max) {
            return broken("a frame of " + std::to_string(size) + " bytes");
        }
        frame_size_ = size_t(size);
        frame_read_ = 0;
        frame_ = {};
        return true;
    }
    frame_read_ += got;
    if (frame_read_ == frame_size_) {
        arrived_.push_back(std::move(frame_));
        frame_ = {};
        size_read_ = 0;
    }
    return true;
}

Outcome<std::optional<Answer>> Connection::take_answer() {
    if (arrived_.empty()) return std::nullopt;
    if (asked_.empty()) return broken("an answer that nobody asked for");
    Answer answer{.correlation_id = asked_.front().correlation_id,
                  .api = asked_.front().api,
                  .version = asked_.front().version,
                  .frame = std::move(arrived_.front())};
    arrived_.pop_front();
    asked_.pop_front();
    auto id = load_big_endian<int32_t>(answer.frame.data());
    if (id != answer.correlation_id) {
        return broken("Correlation id for response (" + std::to_string(id) +
                      ") does not match request (" + std::to_string(answer.correlation_id) + ")");
    }
    return std::optional<Answer>(std::move(answer));
}

Outcome<std::optional<Answer>> Connection::poll() {
    while (arrived_.empty()) {
        Outcome<bool> read = read_some();
        if (!read) return failed(read.error());
        if (!*read) return std::nullopt;
    }
    return take_answer();
}

Outcome<Answer> Connection::receive(Deadline deadline) {
    for (;;) {
        Outcome<std::optional<Answer>> answer = poll();
        if (!answer) return failed(answer.error());
        if (*answer) return std::move(**answer);
        if (wait_for(socket(), POLLIN, deadline) == 0) return broken("timed out while waiting");
    }
}

void Connection::wait_readable(Deadline deadline) const {
    if (!is_open() || !arrived_.empty() || wire_.holds_input()) return;
    wait_for(socket(), POLLIN, deadline);
}

}  // namespace stoker::kafka
