#include "http/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "http/connection.hpp"
#include "net/address.hpp"

namespace stoker::http {
namespace {

constexpr int accepts_a_turn = 16;
/// After running out of descriptors: so that the loop does not spin.
constexpr int64_t pause_ms = 100;

}  // namespace

struct Server::Impl {
    Impl(ServerOptions wanted, Handler handles)
        : options(std::move(wanted)), handler(std::move(handles)) {}
    ~Impl() {
        stop();
        for (const auto& listener : listeners) ::close(listener.socket);
        if (wake >= 0) ::close(wake);
    }

    void run();
    void stop();
    void serve(std::vector<pollfd>& polled);
    void accept_from(int listener);
    void make_room();
    int wait_ms() const;

    ServerOptions options;
    Handler handler;
    SystemClock clock;
    std::vector<net::OpenListener> listeners;
    std::vector<std::unique_ptr<Connection>> connections;
    int wake = -1;
    int64_t now_ms = 0;
    int64_t rests_until_ms = 0;
    std::atomic<bool> stopping = false;
    std::thread thread;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(); }

std::expected<std::unique_ptr<Server>, std::string> Server::start(ServerOptions options,
                                                                  Handler handler) {
    net::ListenerOptions listener;
    listener.name = "http";
    listener.host = options.host;
    listener.port = options.port;
    net::ServerOptions sockets;
    sockets.listeners_option = options.option;
    auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
    auto opened = net::open_listener(listener, sockets);
    if (!opened) return std::unexpected(std::move(opened.error()));
    impl->listeners = std::move(*opened);
    impl->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (impl->wake < 0)
        return std::unexpected("Cannot serve HTTP: " +
                               std::generic_category().message(errno) + ".");
    impl->thread = std::thread([server = impl.get()] { server->run(); });
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::vector<std::string> Server::addresses() const {
    std::vector<std::string> addresses;
    for (const auto& listener : impl_->listeners) {
        const bool ipv6 = listener.bound.address.contains(':');
        addresses.push_back(ipv6 ? fmt::format("[{}]:{}", listener.bound.address,
                                               listener.bound.port)
                                 : fmt::format("{}:{}", listener.bound.address,
                                               listener.bound.port));
    }
    return addresses;
}

uint16_t Server::port() const { return impl_->listeners.front().bound.port; }

void Server::stop() { impl_->stop(); }

void Server::Impl::stop() {
    stopping = true;
    if (!thread.joinable()) return;
    constexpr uint64_t one = 1;
    (void)!::write(wake, &one, sizeof one);
    thread.join();
}

void Server::Impl::run() {
    ::pthread_setname_np(::pthread_self(), "stoker-http");
    std::vector<pollfd> polled;
    while (!stopping) {
        now_ms = clock.monotonic_ms();
        polled.assign({{.fd = wake, .events = POLLIN, .revents = 0}});
        const bool rests = now_ms < rests_until_ms;
        for (const auto& listener : listeners)
            polled.push_back({.fd = rests ? -1 : listener.socket, .events = POLLIN, .revents = 0});
        for (const auto& connection : connections) {
            const short events = connection->wants_to_send() ? POLLOUT : POLLIN;
            polled.push_back({.fd = connection->socket(), .events = events, .revents = 0});
        }
        if (::poll(polled.data(), polled.size(), wait_ms()) < 0) continue;
        now_ms = clock.monotonic_ms();
        serve(polled);
    }
    connections.clear();
}

/// Until the first deadline.
int Server::Impl::wait_ms() const {
    int64_t until = options.idle_ms + now_ms;
    if (now_ms < rests_until_ms) until = rests_until_ms;
    for (const auto& connection : connections)
        until = std::min(until, connection->deadline_ms(options));
    return int(std::clamp<int64_t>(until - now_ms, 0, 60'000));
}

void Server::Impl::serve(std::vector<pollfd>& polled) {
    const size_t first = 1 + listeners.size();
    const size_t known = connections.size();
    for (size_t i = 0; i < known; ++i)
        if (polled[first + i].revents != 0) connections[i]->advance(handler, now_ms);
    std::erase_if(connections, [&](const auto& connection) {
        return connection->done() || connection->deadline_ms(options) <= now_ms;
    });
    for (size_t i = 0; i < listeners.size(); ++i)
        if (polled[1 + i].revents != 0) accept_from(listeners[i].socket);
}

void Server::Impl::accept_from(int listener) {
    for (int i = 0; i < accepts_a_turn; ++i) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) {
            const bool short_of_something = errno == EMFILE || errno == ENFILE ||
                                            errno == ENOMEM || errno == ENOBUFS;
            if (short_of_something) rests_until_ms = now_ms + pause_ms;
            return;
        }
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connections.size() >= options.connections_max) make_room();
        connections.push_back(std::make_unique<Connection>(socket, now_ms));
    }
}

/// Who has been quiet for longest goes, rather one between two requests.
void Server::Impl::make_room() {
    const auto worst = std::ranges::min_element(connections, {}, [](const auto& connection) {
        return std::pair(!connection->idle(), connection->since_ms());
    });
    connections.erase(worst);
}

}  // namespace stoker::http
