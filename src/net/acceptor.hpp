// Listening sockets: opening them, and letting connections in.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/guarded.hpp"
#include "net/log_gate.hpp"
#include "net/server.hpp"

namespace stoker::net {

class IoThread;
struct Shared;

/// How many connections there are, and from where. Any thread.
class Census {
public:
    enum class Verdict {
        admitted,
        too_many,
        too_many_of_this_listener,
        too_many_of_this_address,
        too_fast,
    };
    Verdict admit(const Peer& peer, const ServerOptions& options);
    void leave(const Peer& peer);
    uint64_t admitted_total() const;
    size_t open_of(const std::string& listener) const;
    uint64_t refused_total() const;

private:
    using ByName = std::map<std::string, size_t>;
    struct Counts {
        ByName of_address;
        ByName of_listener;
        size_t open = 0;
        uint64_t admitted_total = 0;
        uint64_t refused_total = 0;
    };
    static size_t count(const ByName& counts, const std::string& name);
    static void take_one(ByName& counts, const std::string& name);

    Guarded<Counts> counts_;
};

/// Owns the listening sockets. It lives on one io thread and deals connections out to all in turn.
class Acceptor {
public:
    /// Descriptors of listeners have these ids in epoll: 1 + their index. 0 is the mailbox.
    static constexpr uint64_t listeners_max = 64;
    static constexpr uint64_t first_session_id = 1024;

    struct Listener {
        int socket = -1;
        BoundListener bound;
    };

    /// Opens every listener, or none. The error is a sentence.
    static std::expected<std::unique_ptr<Acceptor>, std::string> open(const ServerOptions& options);
    ~Acceptor();
    Acceptor(const Acceptor&) = delete;
    Acceptor& operator=(const Acceptor&) = delete;

    const std::vector<Listener>& listeners() const { return listeners_; }
    /// Deals connections to these from now on.
    void deal_to(std::vector<IoThread*> threads) { threads_ = std::move(threads); }

    void watch_all(IoThread& thread);
    void on_event(IoThread& thread, uint64_t id);
    /// A pause after running out of descriptors is over.
    void on_deadline(IoThread& thread, uint64_t id);

private:
    static constexpr int accepts_a_turn = 64;
    static constexpr int64_t pause_ms = 100;

    Acceptor() = default;
    bool accept_one(IoThread& thread, uint64_t id, Listener& listener);
    void pause(IoThread& thread, uint64_t id, Listener& listener, int error);
    /// False: the rate of connections is exceeded, and the listener rests.
    static bool keep_pace(IoThread& thread, uint64_t id, Listener& listener);
    void refuse(IoThread& thread, const Peer& peer, Census::Verdict why);

    std::vector<Listener> listeners_;
    std::vector<IoThread*> threads_;
    size_t next_thread_ = 0;
    uint64_t next_session_id_ = first_session_id;
    LogGate gate_{1};
    LogGate pause_gate_{1};
};

}  // namespace stoker::net
