#include "http/connection.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>

#include <fmt/format.h>

namespace stoker::http {
namespace {

std::string_view reason(int status) {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 413: return "Content Too Large";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Internal Server Error";
    }
}

Response handled(const Handler& handler, const Request& request) {
    try {
        return handler(request);
    } catch (const std::exception& error) {
        return text_response(500, error.what());
    }
}

}  // namespace

Response text_response(int status, std::string text) {
    text += '\n';
    return {.status = status, .body = std::make_shared<const std::string>(std::move(text))};
}

Connection::~Connection() { ::close(socket_); }

int64_t Connection::deadline_ms(const ServerOptions& options) const {
    if (sending()) return since_ms_ + options.response_ms;
    if (lingers_) return since_ms_ + linger_ms;
    return since_ms_ + (in_.empty() ? options.idle_ms : options.request_ms);
}

void Connection::advance(const Handler& handler, int64_t now_ms) {
    if (sending()) send(now_ms);
    for (;;) {
        while (!done_ && !sending() && !last_ && answer_next(handler)) send(now_ms);
        if (done_ || sending()) return;
        if (peer_done_) done_ = true;
        if (done_) return;
        if (last_) return linger();
        if (!receive(now_ms)) return;
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

/// False when there is nothing to receive now, or ever again.
bool Connection::receive(int64_t now_ms) {
    std::array<char, receive_size> bytes;
    const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (n > 0) {
        if (in_.empty()) since_ms_ = now_ms;
        in_.append(bytes.data(), size_t(n));
        return true;
    }
    if (n == 0) peer_done_ = true;
    else if (errno != EAGAIN && errno != EINTR) done_ = true;
    return n == 0;
}

/// Answers the request at the front; false when there is no complete one.
bool Connection::answer_next(const Handler& handler) {
    const auto parsed = parse_request(in_);
    if (!parsed) {
        respond(text_response(int(parsed.error()), std::string(reason(int(parsed.error())))), true,
                false);
        in_.clear();
        return true;
    }
    if (!*parsed) return false;
    const Request& request = (*parsed)->request;
    const bool head_only = request.method == "HEAD";
    Response response;
    if (request.method == "GET" || head_only) {
        response = handled(handler, request);
    } else {
        response = text_response(405, "only GET and HEAD are served here");
        response.headers.emplace_back("Allow", "GET, HEAD");
    }
    respond(response, !head_only, request.keep_alive && !peer_done_);
    in_.erase(0, (*parsed)->size);
    return true;
}

void Connection::respond(const Response& response, bool with_body, bool keep_alive) {
    head_ = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n",
                        response.status, reason(response.status), response.content_type,
                        response.body ? response.body->size() : 0);
    for (const auto& [name, value] : response.headers)
        head_ += fmt::format("{}: {}\r\n", name, value);
    head_ += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
    body_ = with_body ? response.body : nullptr;
    sent_ = 0;
    last_ = !keep_alive;
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
