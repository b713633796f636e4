// One epoll loop: its sessions, its mail, its deadlines, and the scratch buffers they share.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/acceptor.hpp"
#include "net/deadlines.hpp"
#include "net/frame_buffer.hpp"
#include "net/lobby.hpp"
#include "net/log_gate.hpp"
#include "net/mailbox.hpp"
#include "net/server.hpp"
#include "net/session.hpp"
#include "net/turn.hpp"

struct epoll_event;

namespace stoker::net {

/// What all io threads of a server share. Constant while they run, but for `census`.
struct Shared {
    ServerOptions options;
    size_t threads = 1;
    Handler handler;
    std::function<void(uint64_t)> on_close;
    Clock* clock = nullptr;
    std::shared_ptr<spdlog::logger> logger;
    std::function<void(std::function<void()>)> storage;
    Census census;
};

class IoThread {
public:
    static constexpr size_t scratch_size = 256 << 10;
    static constexpr int events_max = 128;           // of one epoll_wait
    static constexpr size_t read_turn_max = 1 << 20;  // bytes of one session, then the next one
    static constexpr size_t send_turn_max = 4 << 20;
    static constexpr int handshakes_a_turn = 4;
    static constexpr uint64_t log_lines_a_second = 20;

    explicit IoThread(Shared& shared);
    ~IoThread();
    IoThread(const IoThread&) = delete;
    IoThread& operator=(const IoThread&) = delete;

    /// Hands the open listeners to this thread; before start().
    void accept_for(std::unique_ptr<Acceptor> acceptor);
    void start();
    void request_stop();
    void join();

    Mailbox& mailbox() { return *mailbox_; }
    /// A new connection, from any thread.
    void adopt(int socket, Peer peer);
    void add_to(ServerStats& stats) const;

    // For its sessions and its acceptor, on this thread.
    Shared& shared() { return shared_; }
    const ServerOptions& options() const { return shared_.options; }
    int64_t now_ms() const { return now_ms_; }
    /// Null: nobody measures.
    FrameObserver* observer() const { return observer_.get(); }
    /// For who measures: when this turn began, what the clock said when it was last looked at, and
    /// another look.
    int64_t turn_ns() const { return turn_ns_; }
    int64_t seen_ns() const { return seen_ns_; }
    int64_t look_ns() { return seen_ns_ = clock_ns(); }
    /// Arms `events` for a descriptor that is new (`known` false) or armed already.
    void watch(int descriptor, uint64_t id, uint32_t events, bool known);
    void wake_at(int64_t at_ms, uint64_t id) { deadlines_.add(at_ms, id); }
    void mark_dirty(std::shared_ptr<Session> session) { dirty_.push_back(std::move(session)); }
    void mark_starving(uint64_t id) { starving_.push_back(id); }
    void forget(const std::shared_ptr<Session>& session);
    /// One line for the log, if there have not been too many.
    void log_closed(const Peer& peer, std::string reason);

    MutableByteView read_scratch() { return {read_scratch_.get(), scratch_size}; }
    MutableByteView send_scratch() { return {send_scratch_.get(), scratch_size}; }
    BufferCache& buffers() { return buffers_; }

    /// May a session hold `more` bytes of an unfinished large frame? The first that asks too much
    /// is allowed to all the same, so that there is progress.
    bool frame_memory(uint64_t session_id, size_t more);
    void account(uint64_t session_id, int64_t held_delta, int64_t frame_delta);
    /// See lobby.hpp.
    bool enter_lobby(uint64_t session_id);
    void leave_lobby(uint64_t session_id);
    /// May a session do the work of a TLS handshake in this turn?
    bool may_shake_hands();
    /// Made with the first encrypting session.
    TlsScratch& tls_scratch();
    void count_in(size_t bytes) { add(bytes_in_, bytes); }
    void count_out(size_t bytes) { add(bytes_out_, bytes); }

private:
    void run();
    int wait_ms() const;
    int wait(::epoll_event* events);
    int64_t clock_ns() const { return shared_.clock->monotonic_ns(); }
    void begin_idling();
    void end_idling();
    void dispatch(uint64_t id, uint32_t events);
    void take_mail();
    void open_session(int socket, const Peer& peer);
    void pump_dirty();
    void run_deadlines();
    void shut();
    void wake_starving();
    void look_for_idlers();
    std::shared_ptr<const security::TlsContext> tls_of(const Peer& peer) const;
    void bury_closed();
    template <class Call>
    void guarded(std::shared_ptr<Session> session, Call call);
    static void add(std::atomic<uint64_t>& counter, uint64_t n) {
        counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }

    Shared& shared_;
    const std::shared_ptr<Mailbox> mailbox_;
    int epoll_;
    std::unique_ptr<Acceptor> acceptor_;  // the first thread's only
    std::unordered_map<uint64_t, std::shared_ptr<Session>> sessions_;
    std::vector<std::shared_ptr<Session>> dirty_;
    std::vector<std::shared_ptr<Session>> closed_;  // in this turn of the loop
    std::vector<uint64_t> starving_;
    uint64_t privileged_ = 0;  // the session that may exceed frame_memory_max
    size_t frame_bytes_ = 0;   // held for unfinished large frames
    Deadlines deadlines_;
    BufferCache buffers_;
    Lobby lobby_;
    int64_t lobby_look_ms_ = never;  // the entry in Deadlines
    int handshakes_ = 0;             // in this turn
    std::unique_ptr<TlsScratch> tls_scratch_;
    TurnTasks turn_tasks_;
    LogGate log_gate_{log_lines_a_second};
    std::unique_ptr<std::byte[]> read_scratch_;
    std::unique_ptr<std::byte[]> send_scratch_;
    const std::unique_ptr<FrameObserver> observer_;
    int64_t turn_ns_ = 0;
    int64_t seen_ns_ = 0;
    int64_t now_ms_ = 0;
    bool stopping_ = false;
    std::atomic<uint64_t> connections_ = 0;  // written by this thread only, as those below
    std::atomic<uint64_t> bytes_in_ = 0;
    std::atomic<uint64_t> bytes_out_ = 0;
    std::atomic<uint64_t> bytes_held_ = 0;
    std::atomic<uint64_t> idle_ns_ = 0;
    std::atomic<int64_t> waits_since_ns_ = 0;  // 0: it does not
    std::thread thread_;
};

}  // namespace stoker::net
