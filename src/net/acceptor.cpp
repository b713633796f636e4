#include "net/acceptor.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <spdlog/logger.h>

#include "base/check.hpp"
#include "net/address.hpp"
#include "net/io_thread.hpp"

namespace stoker::net {

// ---- how many there are

namespace {

size_t max_of(const std::string& address, const ServerOptions& options) {
    const auto own = options.connections_max_of_ip.find(address);
    return own == options.connections_max_of_ip.end() ? options.connections_max_per_ip
                                                      : own->second;
}

const ListenerOptions& listener_of(const Peer& peer, const ServerOptions& options) {
    const auto found = std::ranges::find(options.listeners, peer.listener, &ListenerOptions::name);
    STOKER_CHECK(found != options.listeners.end(), "a connection comes to a listener");
    return *found;
}

}  // namespace

size_t Census::count(const ByName& counts, const std::string& name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0 : found->second;
}

void Census::take_one(ByName& counts, const std::string& name) {
    const auto found = counts.find(name);
    if (found != counts.end() && --found->second == 0) counts.erase(found);
}

Census::Verdict Census::admit(const Peer& peer, const ServerOptions& options) {
    const auto counts = counts_.lock();
    Verdict verdict = Verdict::admitted;
    if (counts->open >= options.connections_max) {
        verdict = Verdict::too_many;
    } else if (count(counts->of_listener, peer.listener) >=
               listener_of(peer, options).connections_max) {
        verdict = Verdict::too_many_of_this_listener;
    } else if (count(counts->of_address, peer.address) >= max_of(peer.address, options)) {
        verdict = Verdict::too_many_of_this_address;
    } else if (options.admits && !options.admits(peer.address)) {
        verdict = Verdict::too_fast;
    }
    if (verdict != Verdict::admitted) {
        ++counts->refused_total;
        return verdict;
    }
    ++counts->of_address[peer.address];
    ++counts->of_listener[peer.listener];
    ++counts->open;
    ++counts->admitted_total;
    return verdict;
}

void Census::leave(const Peer& peer) {
    const auto counts = counts_.lock();
    take_one(counts->of_address, peer.address);
    take_one(counts->of_listener, peer.listener);
    --counts->open;
}

uint64_t Census::admitted_total() const { return counts_.lock()->admitted_total; }
size_t Census::open_of(const std::string& listener) const {
    return count(counts_.lock()->of_listener, listener);
}
uint64_t Census::refused_total() const { return counts_.lock()->refused_total; }

// ---- opening

std::expected<std::unique_ptr<Acceptor>, std::string> Acceptor::open(
    const ServerOptions& options) {
    std::unique_ptr<Acceptor> acceptor(new Acceptor);
    for (const auto& wanted : options.listeners) {
        auto opened = open_listener(wanted, options);
        if (!opened) return std::unexpected(std::move(opened.error()));
        for (auto& listener : *opened) {
            acceptor->listeners_.push_back(
                {.socket = listener.socket, .bound = std::move(listener.bound)});
        }
    }
    if (acceptor->listeners_.empty() || acceptor->listeners_.size() > listeners_max) {
        return std::unexpected(
            fmt::format("There must be 1 to {} listeners; {} are given. Set them with {}.",
                        listeners_max, acceptor->listeners_.size(), options.listeners_option));
    }
    return acceptor;
}

Acceptor::~Acceptor() {
    for (const auto& listener : listeners_) ::close(listener.socket);
}

// ---- letting in

namespace {

/// Why somebody was not admitted, as a clause that names the property.
std::string reason(const Peer& peer, Census::Verdict why, const ServerOptions& options) {
    switch (why) {
        case Census::Verdict::admitted: break;
        case Census::Verdict::too_many:
            return fmt::format("there are {} connections already (max.connections)",
                               options.connections_max);
        case Census::Verdict::too_many_of_this_listener:
            return fmt::format("it has {} connections already (its own max.connections)",
                               listener_of(peer, options).connections_max);
        case Census::Verdict::too_many_of_this_address:
            return fmt::format("there are {} connections of this address already "
                               "(max.connections.per.ip)",
                               max_of(peer.address, options));
        case Census::Verdict::too_fast:
            return "they come faster than its quota connection_creation_rate allows";
    }
    return "";
}

}  // namespace

void Acceptor::watch_all(IoThread& thread) {
    uint64_t id = 0;
    for (const auto& listener : listeners_) thread.watch(listener.socket, ++id, EPOLLIN, false);
}

void Acceptor::on_event(IoThread& thread, uint64_t id) {
    Listener& listener = listeners_.at(id - 1);
    for (int i = 0; i < accepts_a_turn; ++i) {
        if (!accept_one(thread, id, listener)) return;
    }
}

void Acceptor::on_deadline(IoThread& thread, uint64_t id) {
    thread.watch(listeners_.at(id - 1).socket, id, EPOLLIN, true);
}

/// False when there is nobody left to let in for now.
bool Acceptor::accept_one(IoThread& thread, uint64_t id, Listener& listener) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int socket = ::accept4(listener.socket, reinterpret_cast<sockaddr*>(&address), &size,
                                 SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            pause(thread, id, listener, errno);
            return false;
        }
        return true;  // that connection is gone already
    }
    Transport connection(socket);
    Peer peer;
    std::tie(peer.address, peer.port) = numeric(address);
    peer.listener = listener.bound.name;
    peer.protocol = listener.bound.protocol;
    size = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
    std::tie(peer.local_address, peer.local_port) = numeric(address);

    const auto verdict = thread.shared().census.admit(peer, thread.options());
    if (verdict != Census::Verdict::admitted) {
        refuse(thread, peer, verdict);
        return true;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peer.session_id = next_session_id_++;
    threads_.at(next_thread_)->adopt(connection.release(), std::move(peer));
    next_thread_ = (next_thread_ + 1) % threads_.size();
    return keep_pace(thread, id, listener);
}

bool Acceptor::keep_pace(IoThread& thread, uint64_t id, Listener& listener) {
    const ServerOptions& options = thread.options();
    const auto own = std::ranges::find(options.listeners, listener.bound.name,
                                       &ListenerOptions::name);
    int64_t pause = options.accept_pause_ms ? options.accept_pause_ms() : 0;
    if (own->accept_pause_ms) pause = std::max(pause, own->accept_pause_ms());
    if (pause <= 0) return true;
    thread.watch(listener.socket, id, 0, true);
    thread.wake_at(thread.now_ms() + pause, id);
    return false;
}

/// The connections stay in the kernel's queue; to ask for them again at once would only spin.
void Acceptor::pause(IoThread& thread, uint64_t id, Listener& listener, int error) {
    thread.watch(listener.socket, id, 0, true);
    thread.wake_at(thread.now_ms() + pause_ms, id);
    if (!pause_gate_.pass(thread.now_ms())) return;
    thread.shared().logger->error(
        "Listener {} cannot accept connections for now: {}. Raise the limit of open files "
        "(`ulimit -n`) or lower max.connections.",
        listener.bound.name, std::strerror(error));
}

void Acceptor::refuse(IoThread& thread, const Peer& peer, Census::Verdict why) {
    if (!gate_.pass(thread.now_ms())) return;
    const uint64_t more = gate_.take_held_back();
    thread.shared().logger->warn(
        "Refused a connection of {}:{} on listener {}: {}.{}", peer.address, peer.port,
        peer.listener, reason(peer, why, thread.options()),
        more == 0 ? "" : fmt::format(" {} more were not logged.", more));
}

}  // namespace stoker::net
