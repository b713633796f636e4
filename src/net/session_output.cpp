// A session's output: the replies that are ready go out, as far as the socket takes them.
//
// Three ways for file data. What is in the page cache goes from there to a plain socket (sendfile).
// Behind TLS, where the kernel cannot tell what is cached, or where slices are small, it is read
// into the thread's scratch and sent from there. What is not cached is read by a storage thread.
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "net/io_thread.hpp"
#include "net/session.hpp"

namespace stoker::net {
namespace {

constexpr size_t pieces_max = 64;           // of one sendmsg
constexpr size_t cold_read_max = 64 << 10;  // what a slow reader of cold data may hold
constexpr size_t send_estimate_min = 64 << 10;
constexpr size_t direct_min = 32 << 10;     // below, two calls cost more than a copy
constexpr size_t direct_max = 512 << 10;    // so that one cold page does not make a megabyte cold
constexpr int64_t linger_ms = 1000;

}  // namespace

void Session::flush() {
    if (closed_ || lingering_ || write_blocked_ || cold_bytes_ != 0) return;
    if (transport_.holds_output()) {
        const auto pushed = transport_.push();
        if (pushed.state == Transport::Outcome::State::closed) return close("");
        write_blocked_ = pushed.state == Transport::Outcome::State::would_block;
        if (write_blocked_) return;
    }
    std::array<iovec, pieces_max> pieces;
    size_t turn = IoThread::send_turn_max;
    bool direct = sends_files_;
    const bool observed = thread_.observer() != nullptr && replies_.ready();
    if (observed) replies_.set_now(thread_.seen_ns());
    while (replies_.ready() && !replies_.finished()) {
        const auto scratch = thread_.send_scratch().first(send_estimate_);
        const size_t direct_from = direct ? direct_min : ReplyQueue::never_direct;
        const auto next = replies_.gather(pieces, scratch, turn, direct_from);
        if (!next.error.empty()) return close("its reply could not be read: " + next.error);
        if (next.cold) return read_cold(*next.cold);
        const auto moved = next.direct ? send_file(*next.direct, turn)
                                       : send_pieces(next.pieces, next.bytes, next.more);
        if (closed_ || lingering_) return;
        if (!moved) {
            direct = false;
            continue;
        }
        if (observed) replies_.set_now(thread_.look_ns());
        replies_.advance(*moved);
        thread_.count_out(*moved);
        if (*moved > 0) active_ms_ = thread_.now_ms();
        turn -= std::min(turn, *moved);
        // The others have their turn; EPOLLOUT comes at once.
        if (turn == 0) write_blocked_ = true;
        if (write_blocked_) return;
    }
    if (replies_.finished()) linger();
}

/// How many bytes went; write_blocked_ when not all of them did.
std::optional<size_t> Session::send_pieces(std::span<iovec> pieces, size_t size, bool more) {
    using State = Transport::Outcome::State;
    const auto outcome = transport_.transmit(pieces, more);
    if (outcome.state == State::closed) close("");
    if (outcome.state == State::failed) end_of_input(outcome);
    write_blocked_ = outcome.bytes < size;
    // File data that the socket did not take is read again: ask for less the next time.
    send_estimate_ = write_blocked_ ? std::max(outcome.bytes, send_estimate_min)
                                    : 2 * send_estimate_;
    send_estimate_ = std::min(send_estimate_, IoThread::scratch_size);
    return outcome.bytes;
}

/// The same for file data in the page cache, from there; nothing when it has to be copied.
std::optional<size_t> Session::send_file(const storage::FileSlice& slice, size_t size_max) {
    const size_t size = std::min({slice.size, size_max, direct_max});
    const auto sent = slice.file->send_cached(socket(), slice.position, size);
    if (sent) {
        write_blocked_ = *sent < size;
        return *sent;
    }
    const int error = sent.error().code;
    if (error == ENOTSUP) sends_files_ = false;
    if (error == ENOTSUP || sent.error().would_block()) return std::nullopt;
    const bool of_the_disk = error == EIO || sent.error().no_space();
    close(of_the_disk ? "its reply could not be read: " + sent.error().what : "");
    return 0;
}

void Session::read_cold(storage::FileSlice slice) {
    slice.size = std::min(slice.size, cold_read_max);
    cold_bytes_ = slice.size;
    thread_.shared().storage([self = shared_from_this(), slice = std::move(slice)] {
        Bytes data(slice.size);
        const auto read = slice.file->read(slice.position, data);
        std::string error;
        if (!read) error = read.error().what;
        else if (*read == 0) error = "the file is shorter than the data to be sent from it";
        data.resize(read.value_or(0));
        auto arrived = [self, data = std::move(data), error]() mutable {
            self->on_cold(std::move(data), error);
        };
        self->mailbox_->post({.session = self, .task = std::move(arrived)});
    });
}

void Session::on_cold(Bytes data, const std::string& error) {
    if (closed_) return;
    cold_bytes_ = 0;
    if (!error.empty()) return close("its reply could not be read: " + error);
    replies_.supply(std::move(data));
    pump();
}

void Session::refuse(const std::string& reason) {
    thread_.log_closed(peer_, reason);
    replies_.clear();
    linger();
}

/// Everything is sent. To close with input unread would reset the connection and could take the
/// last reply with it, so the peer gets some time to close first.
void Session::linger() {
    transport_.finish_sending();
    lingering_ = true;
    lingering_until_ms_ = thread_.now_ms() + linger_ms;
}

void Session::discard() {
    const MutableByteView scratch = thread_.read_scratch();
    iovec into{scratch.data(), scratch.size()};
    const auto outcome = transport_.receive({&into, 1});
    if (outcome.state == Transport::Outcome::State::closed) close("");
}

}  // namespace stoker::net
