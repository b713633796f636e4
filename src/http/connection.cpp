#include "http/connection.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace stoker::http {
namespace {

constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

bool has_body(int status) { return status != 204 && status != 304; }

/// Nothing that would end the line.
void append_value(std::string& head, std::string_view value) {
    std::ranges::replace_copy_if(
        value, std::back_inserter(head),
        [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, ' ');
}

}  // namespace

Connection::~Connection() { ::close(socket_); }

uint32_t Connection::wants() const {
    if (sending()) return EPOLLOUT;
    return input_waits_ ? 0U : uint32_t{EPOLLIN};
}

bool Connection::idle() const {
    return reader_.state() == RequestReader::State::between && !awaits() && !sending();
}

int64_t Connection::deadline_ms() const {
    if (sending()) return since_ms_ + options_.response_ms;
    if (lingers_) return since_ms_ + linger_ms;
    if (awaits()) return since_ms_ + options_.answer_ms;
    switch (reader_.state()) {
        case RequestReader::State::between: return since_ms_ + options_.idle_ms;
        case RequestReader::State::body: return since_ms_ + options_.body_ms;
        default: return since_ms_ + options_.request_ms;
    }
}

void Connection::advance(uint32_t events, const Serve& serve, int64_t now_ms) {
    if (awaits()) {
        // More of the client's is read when it has its answer; gone for good, it needs none.
        input_waits_ = true;
        done_ = (events & (EPOLLERR | EPOLLHUP)) != 0;
        return;
    }
    if (sending()) send(now_ms);
    proceed((events & ~uint32_t(EPOLLOUT)) != 0, serve, now_ms);
}

void Connection::answer(uint64_t request, const Response& response, const Serve& serve,
                        int64_t now_ms) {
    if (awaited_ != request || done_) return;
    awaited_ = 0;
    input_waits_ = false;
    respond(response);
    since_ms_ = now_ms;
    send(now_ms);
    proceed(false, serve, now_ms);
}

void Connection::expire(const Serve& serve, int64_t now_ms) {
    if (!sending() && awaits())
        return answer(awaited_, options_.error(503, "there was no answer in time"), serve, now_ms);
    const bool in_body = reader_.state() == RequestReader::State::body;
    if (sending() || last_ || !in_body) {
        done_ = true;
        return;
    }
    refuse(408);
    since_ms_ = now_ms;
    send(now_ms);
    proceed(false, serve, now_ms);
}

void Connection::proceed(bool readable, const Serve& serve, int64_t now_ms) {
    for (int receives = 0;; ++receives) {
        while (!done_ && !sending() && !last_ && respond_next(serve, now_ms)) send(now_ms);
        if (done_ || sending() || awaits()) return;
        if (peer_done_) done_ = true;
        if (done_) return;
        if (last_) return linger();
        if (!readable || receives == receives_a_turn) return;
        readable = receive(now_ms);
    }
}

/// To close with input unread would reset the connection and could take the answer with it.
void Connection::linger() {
    if (!lingers_) ::shutdown(socket_, SHUT_WR);
    lingers_ = true;
    std::array<char, receive_size> bytes;
    const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    done_ = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/// False when there is nothing more to receive for now.
bool Connection::receive(int64_t now_ms) {
    std::array<char, receive_size> bytes;
    const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (n > 0) {
        const auto before = reader_.state();
        reader_.feed({bytes.data(), size_t(n)});
        if (reader_.state() != before) since_ms_ = now_ms;
        return size_t(n) == bytes.size();
    }
    if (n == 0) peer_done_ = true;
    else if (errno != EAGAIN && errno != EINTR) done_ = true;
    return false;
}

/// True when there is something to send.
bool Connection::respond_next(const Serve& serve, int64_t now_ms) {
    if (reader_.state() == RequestReader::State::refused) return refuse(int(reader_.refusal()));
    if (reader_.take_expectation()) {
        head_ = go_on;
        return true;
    }
    if (awaits() || reader_.state() != RequestReader::State::complete) return false;
    const Request& request = reader_.request();
    wants_body_ = request.method != "HEAD";
    keep_alive_ = request.keep_alive;
    is_old_ = request.minor_version == 0;
    const uint64_t number = ++requests_;
    const auto response = serve(request, {.connection = id_, .request = number});
    reader_.next();
    if (response) {
        respond(*response);
        return true;
    }
    awaited_ = number;
    since_ms_ = now_ms;
    return false;
}

/// Nobody knows where the next request would begin: it is the last answer.
bool Connection::refuse(int status) {
    wants_body_ = true;
    keep_alive_ = false;
    respond(options_.error(status, std::string(reason_of(status))));
    return true;
}

void Connection::respond(const Response& response) {
    const bool bodied = has_body(response.status);
    head_.clear();
    const auto out = std::back_inserter(head_);
    fmt::format_to(out, "HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
    if (bodied) {
        head_ += "Content-Type: ";
        append_value(head_, response.content_type);
        fmt::format_to(out, "\r\nContent-Length: {}\r\n",
                       response.body ? response.body->size() : 0);
    }
    for (const auto& [name, value] : response.headers) {
        head_ += name;
        head_ += ": ";
        append_value(head_, value);
        head_ += "\r\n";
    }
    if (!keep_alive_) head_ += "Connection: close\r\n";
    else if (is_old_) head_ += "Connection: keep-alive\r\n";
    head_ += "\r\n";
    body_ = wants_body_ && bodied ? response.body : nullptr;
    sent_ = 0;
    last_ = !keep_alive_;
}

void Connection::send(int64_t now_ms) {
    while (sending()) {
        std::array<iovec, 2> pieces{};
        size_t count = 0;
        if (sent_ < head_.size())
            pieces[count++] = {head_.data() + sent_, head_.size() - sent_};
        const size_t from = sent_ < head_.size() ? 0 : sent_ - head_.size();
        if (from < body_size())
            pieces[count++] = {const_cast<char*>(body_->data()) + from, body_size() - from};
        msghdr message{};
        message.msg_iov = pieces.data();
        message.msg_iovlen = count;
        const ssize_t n = ::sendmsg(socket_, &message, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            done_ = errno != EAGAIN;
            return;
        }
        sent_ += size_t(n);
        since_ms_ = now_ms;
    }
    head_.clear();
    body_.reset();
    sent_ = 0;
}

}  // namespace stoker::http
