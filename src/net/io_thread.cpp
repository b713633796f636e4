#include "net/io_thread.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include <spdlog/logger.h>

#include "base/check.hpp"
#include "base/short_slices.hpp"

namespace stoker::net {
namespace {

constexpr uint64_t mailbox_id = 0;
constexpr int64_t ns_a_ms = 1'000'000;
constexpr int64_t wait_max_ms = 3'600'000;
constexpr size_t reason_size_max = 300;
constexpr uint64_t lobby_id = Acceptor::first_session_id - 1;  // in Deadlines
static_assert(lobby_id > Acceptor::listeners_max);

size_t seats(const Shared& shared) {
    return std::max<size_t>(1, shared.options.before_authentication.sessions_max /
                                   std::max<size_t>(1, shared.threads));
}

}  // namespace

IoThread::IoThread(Shared& shared)
    : shared_(shared),
      mailbox_(std::make_shared<Mailbox>()),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      lobby_(seats(shared)),
      read_scratch_(std::make_unique_for_overwrite<std::byte[]>(scratch_size)),
      send_scratch_(std::make_unique_for_overwrite<std::byte[]>(scratch_size)),
      observer_(shared.options.observe ? shared.options.observe() : nullptr),
      now_ms_(shared.clock->monotonic_ms()) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    watch(mailbox_->event(), mailbox_id, EPOLLIN, false);
}

IoThread::~IoThread() {
    request_stop();
    join();
    mailbox_->close();
    ::close(epoll_);
}

void IoThread::accept_for(std::unique_ptr<Acceptor> acceptor) {
    acceptor_ = std::move(acceptor);
    acceptor_->watch_all(*this);
}

void IoThread::start() {
    thread_ = std::thread([this] { run(); });
}

void IoThread::request_stop() {
    mailbox_->post({.task = [this] { stopping_ = true; }});
}

void IoThread::join() {
    if (thread_.joinable()) thread_.join();
}

void IoThread::watch(int descriptor, uint64_t id, uint32_t events, bool known) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    const int operation = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_, operation, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

// ---- the loop

void IoThread::run() {
    mailbox_->adopt_this_thread();
    turn_tasks_.adopt_this_thread();
    ::pthread_setname_np(::pthread_self(), "stoker-io");
    // A client need not wait until a compaction's slice is over.
    ask_for_short_slices();
    sigset_t broken_pipe;  // sendfile(2) has no MSG_NOSIGNAL
    ::sigemptyset(&broken_pipe);
    ::sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    std::array<epoll_event, events_max> events;
    while (!stopping_) {
        if (observer_) begin_idling();
        const int n = wait(events.data());
        turn_ns_ = look_ns();
        now_ms_ = turn_ns_ / ns_a_ms;
        if (observer_) end_idling();
        handshakes_ = 0;
        for (int i = 0; i < n; ++i) {
            const epoll_event event = events[static_cast<size_t>(i)];
            dispatch(event.data.u64, event.events);
        }
        pump_dirty();
        run_deadlines();
        turn_tasks_.run();
        pump_dirty();  // what those answered
        bury_closed();
        buffers_.trim(now_ms_);
    }
    shut();
}

void IoThread::begin_idling() { waits_since_ns_.store(clock_ns(), std::memory_order_relaxed); }

void IoThread::end_idling() {
    const int64_t since = waits_since_ns_.load(std::memory_order_relaxed);
    waits_since_ns_.store(0, std::memory_order_relaxed);
    add(idle_ns_, static_cast<uint64_t>(turn_ns_ - since));
}

int IoThread::wait(epoll_event* events) {
    int n = 0;
    if (shared_.options.busy_poll_us > 0) {
        const SystemClock clock;
        const int64_t until = clock.monotonic_ns() + shared_.options.busy_poll_us * 1000;
        do n = ::epoll_wait(epoll_, events, events_max, 0);
        while (n == 0 && clock.monotonic_ns() < until);
    }
    if (n == 0) n = ::epoll_wait(epoll_, events, events_max, wait_ms());
    STOKER_CHECK(n >= 0 || errno == EINTR, "epoll_wait works");
    return std::max(n, 0);
}

int IoThread::wait_ms() const {
    int64_t ms = wait_max_ms;
    if (deadlines_.next_ms() != never) {
        ms = std::clamp<int64_t>(deadlines_.next_ms() - shared_.clock->monotonic_ms(), 0, ms);
    }
    if (!buffers_.empty()) ms = std::min(ms, BufferCache::unused_max_ms);
    return static_cast<int>(ms);
}

void IoThread::dispatch(uint64_t id, uint32_t events) {
    if (id == mailbox_id) return take_mail();
    if (id < Acceptor::first_session_id) return acceptor_->on_event(*this, id);
    // Not there when an earlier event of the same wait ended it.
    const auto found = sessions_.find(id);
    if (found == sessions_.end()) return;
    guarded(found->second, [events](Session& session) { session.on_events(events); });
}

void IoThread::take_mail() {
    for (Mail& mail : mailbox_->take()) {
        if (!mail.session) {
            mail.task();
            continue;
        }
        guarded(mail.session, [&](Session& session) {
            if (mail.task) mail.task();
            else session.on_answer(mail.number, std::move(mail.answer));
        });
    }
}

void IoThread::pump_dirty() {
    // What a session does can make others dirty.
    while (!dirty_.empty()) {
        const auto dirty = std::exchange(dirty_, {});
        for (const auto& session : dirty) guarded(session, [](Session& s) { s.pump(); });
    }
}

void IoThread::run_deadlines() {
    while (deadlines_.next_ms() <= now_ms_) {
        const auto entry = deadlines_.take();
        if (entry.id == lobby_id) {
            look_for_idlers();
            continue;
        }
        if (entry.id < Acceptor::first_session_id) {
            acceptor_->on_deadline(*this, entry.id);
            continue;
        }
        const auto found = sessions_.find(entry.id);
        if (found == sessions_.end()) continue;
        guarded(found->second, [&](Session& session) { session.on_deadline(entry.at_ms); });
    }
    pump_dirty();
}

void IoThread::bury_closed() {
    while (!closed_.empty()) {
        const auto closed = std::exchange(closed_, {});
        for (const auto& session : closed) session->bury();
    }
}

/// One of the three places where exceptions end: the connection is closed and nobody else notices.
template <class Call>
void IoThread::guarded(std::shared_ptr<Session> session, Call call) {
    try {
        if (!session->closed()) call(*session);
    } catch (const std::exception& error) {
        session->close(error.what());
    }
}

void IoThread::shut() {
    turn_tasks_.end_with_this_thread();
    acceptor_.reset();
    auto sessions = sessions_;
    for (auto& [id, session] : sessions) {
        guarded(session, [](Session& s) { s.pump(); });
        session->close("");
    }
    mailbox_->close();
    bury_closed();
    dirty_.clear();
}

// ---- sessions

void IoThread::adopt(int socket, Peer peer) {
    if (mailbox_->is_mine()) return open_session(socket, peer);
    // Should the thread stop before it takes this, the socket closes with the task.
    auto transport = std::make_shared<Transport>(socket);
    mailbox_->post({.task = [this, transport, peer = std::move(peer)] {
        open_session(transport->release(), peer);
    }});
}

void IoThread::open_session(int socket, const Peer& peer) {
    const uint64_t id = peer.session_id;
    std::shared_ptr<Session> session;
    try {
        session = std::make_shared<Session>(*this, mailbox_, socket, peer, tls_of(peer));
    } catch (const std::system_error& error) {
        // The kernel's limit of watched descriptors, or of memory.
        shared_.census.leave(peer);
        shared_.logger->error("Cannot take a connection of {}: {}.", peer.address, error.what());
        return;
    }
    sessions_.emplace(id, session);
    connections_.store(sessions_.size(), std::memory_order_relaxed);
    guarded(session, [](Session& s) { s.pump(); });
}

void IoThread::forget(const std::shared_ptr<Session>& session) {
    const Peer& peer = session->peer();
    sessions_.erase(peer.session_id);
    connections_.store(sessions_.size(), std::memory_order_relaxed);
    shared_.census.leave(peer);
    closed_.push_back(session);
    if (privileged_ == peer.session_id) privileged_ = 0;
    leave_lobby(peer.session_id);
    wake_starving();
    if (shared_.on_close) shared_.on_close(peer.session_id);
}

std::shared_ptr<const security::TlsContext> IoThread::tls_of(const Peer& peer) const {
    if (!security::uses_tls(peer.protocol)) return nullptr;
    const auto found =
        std::ranges::find(shared_.options.listeners, peer.listener, &ListenerOptions::name);
    return found->tls->get();
}

TlsScratch& IoThread::tls_scratch() {
    if (!tls_scratch_) tls_scratch_ = std::make_unique<TlsScratch>();
    return *tls_scratch_;
}

bool IoThread::may_shake_hands() {
    return handshakes_ < handshakes_a_turn && ++handshakes_ > 0;
}

bool IoThread::enter_lobby(uint64_t session_id) {
    const bool seated = lobby_.enter(session_id, now_ms_);
    if (!seated && lobby_look_ms_ == never) {
        lobby_look_ms_ = std::max(now_ms_, *lobby_.next_look_ms());
        wake_at(lobby_look_ms_, lobby_id);
    }
    return seated;
}

void IoThread::leave_lobby(uint64_t session_id) {
    const auto next = lobby_.leave(session_id, now_ms_);
    const auto found = next ? sessions_.find(*next) : sessions_.end();
    if (found != sessions_.end()) {
        guarded(found->second, [](Session& session) { session.on_seat(); });
    }
}

void IoThread::look_for_idlers() {
    while (const auto idler = lobby_.idler(now_ms_)) {
        const auto found = sessions_.find(*idler);
        STOKER_CHECK(found != sessions_.end(), "who has a seat is there");
        found->second->close("it let others wait while it was to prove who it is");
    }
    const auto next = lobby_.next_look_ms();
    lobby_look_ms_ = next.value_or(never);
    if (next) wake_at(*next, lobby_id);
}

void IoThread::log_closed(const Peer& peer, std::string reason) {
    if (!log_gate_.pass(now_ms_)) return;
    const uint64_t more = log_gate_.take_held_back();
    // A reason may quote what a client sent: it stays one line, and a short one.
    if (reason.size() > reason_size_max) reason.resize(reason_size_max);
    std::ranges::replace_if(reason, [](unsigned char c) { return c < ' ' || c == 127; }, '?');
    shared_.logger->warn("Closed the connection of {}:{} on listener {}: {}.{}", peer.address,
                         peer.port, peer.listener, reason,
                         more == 0 ? "" : " (" + std::to_string(more) + " more were not logged)");
}

bool IoThread::frame_memory(uint64_t session_id, size_t more) {
    if (frame_bytes_ + more <= shared_.options.frame_memory_max) return true;
    if (privileged_ == 0) privileged_ = session_id;
    return privileged_ == session_id;
}

void IoThread::account(uint64_t session_id, int64_t held_delta, int64_t frame_delta) {
    if (held_delta != 0) add(bytes_held_, static_cast<uint64_t>(held_delta));
    frame_bytes_ += static_cast<size_t>(frame_delta);
    if (frame_delta >= 0) return;
    if (privileged_ == session_id) privileged_ = 0;
    wake_starving();
}

/// Room may have come free: those who waited for it read on, or wait again.
void IoThread::wake_starving() {
    for (const uint64_t id : std::exchange(starving_, {})) {
        const auto found = sessions_.find(id);
        if (found == sessions_.end()) continue;
        guarded(found->second, [](Session& session) { session.on_memory(); });
    }
}

void IoThread::add_to(ServerStats& stats) const {
    stats.connections += connections_.load(std::memory_order_relaxed);
    stats.bytes_in_total += bytes_in_.load(std::memory_order_relaxed);
    stats.bytes_out_total += bytes_out_.load(std::memory_order_relaxed);
    stats.bytes_held += bytes_held_.load(std::memory_order_relaxed);
    stats.idle_ns_total += static_cast<int64_t>(idle_ns_.load(std::memory_order_relaxed));
    // It may sleep for an hour.
    const int64_t since = waits_since_ns_.load(std::memory_order_relaxed);
    if (since != 0) stats.idle_ns_total += clock_ns() - since;
}

}  // namespace stoker::net
