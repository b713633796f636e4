// What a connection receives, in pieces of any size, becomes requests: head, body and where the
// next one begins. It knows nothing of sockets. Each byte is looked at a bounded number of times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/chunked_body.hpp"
#include "http/request.hpp"

namespace stoker::http {

/// One thread.
class RequestReader {
public:
    /// A body may have so many bytes; one that is larger is refused before it is kept.
    explicit RequestReader(size_t body_size_max) : body_size_max_(body_size_max) {}

    enum class State : uint8_t {
        between,   // nothing of a request is here
        head,      // a part of one
        body,      // its head, and a part of its body
        complete,  // request() until next()
        refused,   // for good: nobody knows where the next request would begin
    };
    State state() const { return state_; }

    void feed(std::string_view bytes);
    /// When complete; valid until next() or feed().
    const Request& request() const { return head_.request; }
    /// Drops the request and goes on with what has come behind it.
    void next();
    Refusal refusal() const { return refusal_; }
    /// Whether the client waits to be told to send its body; once.
    bool take_expectation();

private:
    /// What is kept for the next request when one was larger.
    static constexpr size_t kept_size_max = 64 << 10;

    void read();
    bool read_head();
    void read_body();
    void skip_empty_lines();
    void refuse(Refusal why);
    std::string_view unread() const { return std::string_view(bytes_).substr(begin_); }

    const size_t body_size_max_;
    State state_ = State::between;
    Refusal refusal_ = Refusal::bad_request;
    std::string bytes_;
    size_t begin_ = 0;   // of the first request
    size_t looked_ = 0;  // behind begin_, up to which no line of its head is unread
    bool has_head_ = false;
    bool has_moved_ = false;  // bytes_ since the head was read: its views are void
    Head head_;
    size_t body_size_ = 0;  // as it lies behind the head, of a complete request
    ChunkedBody chunks_;
};

}  // namespace stoker::http
