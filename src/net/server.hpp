// The TCP server: N io threads, each an epoll loop that owns its sessions; a session never changes
// thread. It knows frames (a 4-byte size, then so many bytes) and nothing of what is in them.
//
// Limits: every number in ServerOptions. Memory: an idle session is a few hundred bytes; bytes of a
// frame are held as they arrive and never before; a reply that waits for a slow reader holds what
// its handler put into OutFrame::bytes, and at most one buffer of file data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "net/frame_observer.hpp"
#include "net/reply.hpp"
#include "security/security_protocol.hpp"

namespace spdlog {
class logger;
}

namespace stoker::security {
class TlsSlot;
}

namespace stoker::net {

/// Who is at the other end of a session. Lives as long as the session's handler calls.
struct Peer {
    uint64_t session_id = 0;  // unique in this server, never 0
    std::string address;      // "127.0.0.1", "::1"
    uint16_t port = 0;
    std::string listener;  // ListenerOptions::name
    security::SecurityProtocol protocol = security::SecurityProtocol::plaintext;
    /// Whom the client's certificate names, after the listener's mapping rules. What SASL proves
    /// counts more, and is not known here.
    std::string principal = "User:ANONYMOUS";
    /// What the client reached: advertised addresses follow it unless configured.
    std::string local_address;
    uint16_t local_port = 0;
};

/// May the session hand over its next frame before this one is answered?
enum class Next : uint8_t { now, after_reply };

/// Called on the session's io thread, the frames of one session strictly in order. `frame` (without
/// its size prefix) may be changed in place and is valid only during the call. An exception closes
/// the connection. It must not block.
using Handler = std::function<Next(const Peer& peer, MutableByteView frame, Responder responder)>;

struct ListenerOptions {
    std::string name = "PLAINTEXT";
    /// "127.0.0.1", "::1", "0.0.0.0", "::" (both families), "localhost" (127.0.0.1 and ::1) or
    /// a name.
    std::string host = "localhost";
    uint16_t port = 0;  // 0: any free one
    security::SecurityProtocol protocol = security::SecurityProtocol::plaintext;
    /// For SSL and SASL_SSL: what new connections are encrypted with.
    std::shared_ptr<security::TlsSlot> tls;
    size_t connections_max = 100'000;  // of this listener at one time
    /// Asked with each connection: for how long this listener takes no further one.
    std::function<int64_t()> accept_pause_ms{};
};

/// What a session may cost before it is known who sends: until its TLS handshake is done and, on
/// SASL listeners, until Responder::authenticated().
struct BeforeAuthentication {
    size_t frame_size_max = 64 << 10;
    int64_t deadline_ms = 10'000;
    size_t in_flight_max = 4;
    /// Such sessions of the whole server that may speak at once, each with some 128 KiB at most;
    /// the others wait for their turn (see lobby.hpp).
    size_t sessions_max = 512;
};

struct ServerOptions {
    std::vector<ListenerOptions> listeners;
    size_t io_threads = 0;  // 0: one a core

    size_t frame_size_max = 100 << 20;  // socket.request.max.bytes
    BeforeAuthentication before_authentication;
    /// Bytes of unfinished large frames that one io thread holds; beyond, their senders wait.
    size_t frame_memory_max = 256 << 20;
    size_t connections_max = 100'000;
    size_t connections_max_per_ip = 100'000;
    /// Other limits of single addresses.
    std::map<std::string, size_t> connections_max_of_ip;
    /// Whether another connection may come from the address now; one that may not is closed.
    std::function<bool(const std::string& address)> admits;
    /// As a listener's own; asked with the connections of all.
    std::function<int64_t()> accept_pause_ms;
    int64_t idle_ms = 600'000;        // connections.max.idle.ms
    int64_t frame_deadline_ms = 60'000;  // from the first byte of a frame to its last
    size_t in_flight_max = 256;       // frames of one session that are not answered and sent
    size_t out_bytes_max = 8 << 20;   // reply bytes (file slices apart) that one session holds
    size_t send_buffer = 0;           // SO_SNDBUF; 0: the kernel sizes it as the flow needs
    size_t receive_buffer = 0;        // SO_RCVBUF
    int listen_backlog = 512;
    int64_t busy_poll_us = 0;  // looks for events so long before it sleeps

    /// The option that sets `listeners`, for the sentence about a taken port.
    std::string listeners_option = "--override listeners=…";
    /// Runs a blocking read of cold file data elsewhere; without one the server has two threads.
    std::function<void(std::function<void()>)> storage_executor;
    /// Makes an observer for each io thread; without one nothing is measured.
    std::function<std::unique_ptr<FrameObserver>()> observe;
    Clock* clock = nullptr;                  // the machine's own; must outlive the server
    std::shared_ptr<spdlog::logger> logger;  // that of connections
};

/// A listener that is open; "localhost" makes two of one ListenerOptions.
struct BoundListener {
    std::string name;
    std::string host;     // as configured
    std::string address;  // numeric
    uint16_t port = 0;
    security::SecurityProtocol protocol = security::SecurityProtocol::plaintext;
};

struct ServerStats {
    uint64_t connections = 0;        // open now
    uint64_t connections_total = 0;  // accepted since the start
    uint64_t refused_total = 0;      // closed at accept for a limit
    uint64_t bytes_in_total = 0;
    uint64_t bytes_out_total = 0;
    /// Frame and reply bytes that sessions hold now: unfinished frames, unsent replies, cold data.
    uint64_t bytes_held = 0;
    /// What all io threads together have waited for something to do; only where there is
    /// ServerOptions::observe.
    int64_t idle_ns_total = 0;
    std::map<std::string, size_t> connections_of;  // open now, by listener
};

class Server {
public:
    /// `on_close` runs on the session's io thread, after its last frame; may be empty.
    /// The error is a sentence that says what to do.
    static std::expected<std::unique_ptr<Server>, std::string> start(
        ServerOptions options, Handler handler,
        std::function<void(uint64_t session_id)> on_close = {});
    /// Calls stop().
    ~Server();

    const std::vector<BoundListener>& bound() const;
    /// Closes the listeners and every session, and waits for the io threads. Answers that arrive
    /// later are dropped. Idempotent; not from an io thread.
    void stop();
    ServerStats stats() const;

    size_t io_threads() const;
    /// Runs `task` on that io thread soon; dropped when the server has stopped. Any thread.
    void post(size_t io_thread, std::function<void()> task);

private:
    struct Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace stoker::net
