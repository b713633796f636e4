#include "http/request_reader.hpp"

#include <utility>

#include "base/check.hpp"

namespace stoker::http {

void RequestReader::feed(std::string_view bytes) {
    if (state_ == State::refused) return;
    bytes_.erase(0, std::exchange(begin_, 0));
    bytes_.append(bytes);
    has_moved_ = true;
    read();
}

void RequestReader::next() {
    STOKER_CHECK(state_ == State::complete, "there is a request to go on from");
    begin_ += head_.size + body_size_;
    has_head_ = false;
    looked_ = 0;
    chunks_ = {};
    if (begin_ == bytes_.size()) {
        begin_ = 0;
        bytes_.clear();
        if (bytes_.capacity() > kept_size_max) bytes_ = {};
    }
    read();
}

bool RequestReader::take_expectation() {
    return state_ == State::body && std::exchange(head_.expects_continue, false);
}

void RequestReader::read() {
    if (has_head_ || read_head()) read_body();
}

/// Empty lines before a request are passed over (RFC 9112 §2.2).
void RequestReader::skip_empty_lines() {
    while (unread().starts_with("\r\n") || unread().starts_with('\n')) {
        begin_ += unread().front() == '\r' ? 2 : 1;
        looked_ = 0;
    }
}

bool RequestReader::read_head() {
    skip_empty_lines();
    state_ = unread().empty() ? State::between : State::head;
    const bool has_line = unread().substr(looked_).contains('\n');
    looked_ = unread().size();
    if (!has_line && unread().size() < head_size_max) return false;
    auto parsed = parse_head(unread());
    if (!parsed) refuse(parsed.error());
    if (!parsed || !*parsed) return false;
    head_ = std::move(**parsed);
    has_head_ = true;
    has_moved_ = false;
    if (!head_.chunked && head_.content_length > body_size_max_) {
        refuse(Refusal::payload_too_large);
        return false;
    }
    return true;
}

void RequestReader::read_body() {
    const std::string_view rest = unread().substr(head_.size);
    bool complete = rest.size() >= head_.content_length;
    body_size_ = size_t(head_.content_length);
    if (head_.chunked) {
        const auto used = chunks_.decode(rest, body_size_max_);
        if (!used) return refuse(used.error());
        complete = chunks_.complete();
        body_size_ = *used;
        // What is decoded goes; what is left is a part of a line.
        if (!complete) bytes_.erase(begin_ + head_.size, *used);
    }
    state_ = complete ? State::complete : State::body;
    if (!complete) return;
    if (std::exchange(has_moved_, false)) {
        auto parsed = parse_head(unread());
        STOKER_CHECK(parsed && *parsed, "a head that was read is read again");
        head_ = std::move(**parsed);
    }
    head_.request.body = head_.chunked ? chunks_.content() : rest.substr(0, body_size_);
}

void RequestReader::refuse(Refusal why) {
    state_ = State::refused;
    refusal_ = why;
    bytes_ = {};
    begin_ = 0;
    chunks_ = {};
}

}  // namespace stoker::http
