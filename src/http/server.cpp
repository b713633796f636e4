#include "http/server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "http/connection.hpp"
#include "http/replies.hpp"
#include "net/address.hpp"

namespace stoker::http {
namespace {

constexpr int accepts_a_turn = 16;
/// After running out of descriptors: so that the loop does not spin.
constexpr int64_t pause_ms = 100;
/// What an event is about: the eventfd that wakes the loop, the listeners, then the connections.
constexpr uint64_t wake_id = 0;
constexpr uint64_t first_listener_id = 1;
constexpr size_t events_a_turn = 128;

Response handled(const Handler& handler, const ErrorResponse& error, const Request& request) {
    try {
        return handler(request);
    } catch (const std::exception& failure) {
        return error(500, failure.what());
    }
}

}  // namespace

struct Server::Impl {
    explicit Impl(ServerOptions wanted) : options(std::move(wanted)) {}
    ~Impl() {
        stop();
        for (const auto& listener : listeners) ::close(listener.socket);
        if (epoll >= 0) ::close(epoll);
    }

    std::optional<std::string> open();
    void run();
    void stop();
    void turn(const epoll_event& event);
    void watch(int how, int socket, uint64_t id, uint32_t events);
    void rest(bool rests);
    void accept_from(int listener);
    void make_room();
    void settle(Connection& connection);
    void deliver();
    void sweep();
    int wait_ms() const;

    ServerOptions options;
    SystemClock clock;
    std::vector<net::OpenListener> listeners;
    int wake = -1;  // owned by `replies`
    int epoll = -1;
    std::shared_ptr<Replies> replies;
    Serve serve;
    std::unordered_map<uint64_t, std::unique_ptr<Connection>> connections;
    uint64_t next_id = 0;
    int64_t now_ms = 0;
    int64_t sweep_ms = 0;  // no deadline is earlier
    int64_t rests_until_ms = 0;
    bool resting = false;
    std::atomic<bool> stopping = false;
    std::thread thread;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { stop(); }

/// What went wrong.
std::optional<std::string> Server::Impl::open() {
    net::ListenerOptions listener;
    listener.name = "http";
    listener.host = options.host;
    listener.port = options.port;
    net::ServerOptions sockets;
    sockets.listeners_option = options.option;
    auto opened = net::open_listener(listener, sockets);
    if (!opened) return std::move(opened.error());
    listeners = std::move(*opened);
    epoll = ::epoll_create1(EPOLL_CLOEXEC);
    wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (epoll < 0 || wake < 0) {
        const int error = errno;
        if (wake >= 0) ::close(wake);
        return "Cannot serve HTTP: " + std::generic_category().message(error) + ".";
    }
    replies = std::make_shared<Replies>(wake, options.unanswered_max, options.error);
    watch(EPOLL_CTL_ADD, wake, wake_id, EPOLLIN);
    for (size_t i = 0; i < listeners.size(); ++i)
        watch(EPOLL_CTL_ADD, listeners[i].socket, first_listener_id + i, EPOLLIN);
    next_id = first_listener_id + listeners.size();
    return std::nullopt;
}

std::expected<std::unique_ptr<Server>, std::string> Server::start(ServerOptions options,
                                                                  Handler handler) {
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto error = impl->open()) return std::unexpected(std::move(*error));
    impl->serve = [handler = std::move(handler), error = impl->options.error](
                      const Request& request, Ticket) -> std::optional<Response> {
        return handled(handler, error, request);
    };
    impl->thread = std::thread([server = impl.get()] { server->run(); });
    return std::unique_ptr<Server>(new Server(std::move(impl)));
}

std::expected<std::unique_ptr<Server>, std::string> Server::start(ServerOptions options,
                                                                  AsyncHandler handler) {
    auto impl = std::make_unique<Impl>(std::move(options));
    if (auto error = impl->open()) return std::unexpected(std::move(*error));
    impl->serve = [handler = std::move(handler), replies = impl->replies](
                      const Request& request, Ticket ticket) {
        return replies->call(handler, request, ticket);
    };
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
    std::array<epoll_event, events_a_turn> events{};
    now_ms = clock.monotonic_ms();
    while (!stopping) {
        const int count = ::epoll_wait(epoll, events.data(), int(events.size()), wait_ms());
        now_ms = clock.monotonic_ms();
        for (int i = 0; i < count; ++i) turn(events[size_t(i)]);
        deliver();
        if (now_ms >= sweep_ms) sweep();
        if (resting && now_ms >= rests_until_ms) rest(false);
    }
    deliver();
    connections.clear();
    replies->close();
}

/// Until the first deadline.
int Server::Impl::wait_ms() const {
    const int64_t until = resting ? std::min(sweep_ms, rests_until_ms) : sweep_ms;
    return int(std::clamp<int64_t>(until - now_ms, 0, 60'000));
}

void Server::Impl::turn(const epoll_event& event) {
    const uint64_t id = event.data.u64;
    if (id == wake_id) {
        uint64_t count = 0;
        (void)!::read(wake, &count, sizeof count);
    } else if (id - first_listener_id < listeners.size()) {
        accept_from(listeners[id - first_listener_id].socket);
    } else if (const auto at = connections.find(id); at != connections.end()) {
        at->second->advance(event.events, serve, now_ms);
        settle(*at->second);
    }
}

void Server::Impl::watch(int how, int socket, uint64_t id, uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = id;
    ::epoll_ctl(epoll, how, socket, &event);
}

/// After something has happened to it. It may be gone afterwards.
void Server::Impl::settle(Connection& connection) {
    if (connection.done()) {
        connections.erase(connection.id());
        return;
    }
    sweep_ms = std::min(sweep_ms, connection.deadline_ms());
    const uint32_t wants = connection.wants();
    if (wants == std::exchange(connection.watched, wants)) return;
    watch(EPOLL_CTL_MOD, connection.socket(), connection.id(), wants);
}

void Server::Impl::deliver() {
    for (const auto& [ticket, response] : replies->take()) {
        const auto at = connections.find(ticket.connection);
        if (at == connections.end()) continue;
        at->second->answer(ticket.request, response, serve, now_ms);
        settle(*at->second);
    }
}

/// Deadlines move with what happens, nearly always to later: to look at all of them when the
/// earliest that was known is over is enough.
void Server::Impl::sweep() {
    sweep_ms = now_ms + options.idle_ms;
    std::vector<Connection*> due;
    for (const auto& [id, connection] : connections) {
        if (connection->deadline_ms() <= now_ms) due.push_back(connection.get());
        else sweep_ms = std::min(sweep_ms, connection->deadline_ms());
    }
    for (Connection* connection : due) {
        connection->expire(serve, now_ms);
        settle(*connection);
    }
}

void Server::Impl::rest(bool rests) {
    resting = rests;
    for (size_t i = 0; i < listeners.size(); ++i)
        watch(EPOLL_CTL_MOD, listeners[i].socket, first_listener_id + i,
              rests ? uint32_t{0} : uint32_t{EPOLLIN});
}

void Server::Impl::accept_from(int listener) {
    for (int i = 0; i < accepts_a_turn; ++i) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket < 0) {
            const bool short_of_something = errno == EMFILE || errno == ENFILE ||
                                            errno == ENOMEM || errno == ENOBUFS;
            if (!short_of_something) return;
            rests_until_ms = now_ms + pause_ms;
            return rest(true);
        }
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connections.size() >= options.connections_max) make_room();
        const uint64_t id = next_id++;
        auto connection = std::make_unique<Connection>(socket, id, options, now_ms);
        connection->watched = connection->wants();
        watch(EPOLL_CTL_ADD, socket, id, connection->watched);
        settle(*connections.emplace(id, std::move(connection)).first->second);
    }
}

/// Who has been quiet for longest goes, rather one between two requests.
void Server::Impl::make_room() {
    const auto worst = std::ranges::min_element(connections, {}, [](const auto& entry) {
        return std::pair(!entry.second->idle(), entry.second->since_ms());
    });
    if (worst != connections.end()) connections.erase(worst);
}

}  // namespace stoker::http
