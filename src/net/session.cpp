#include "net/session.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "net/io_thread.hpp"

namespace stoker::net {
namespace {

constexpr size_t prefix_size = 4;
constexpr size_t first_room = 16 << 10;           // of an incomplete frame's buffer
constexpr size_t large_step = 256 << 10;  // so that buffers fit frames of about the same size
constexpr int64_t frame_bytes_a_ms_min = 16;      // slower senders run into frame_deadline_ms

/// The announced size of the frame at the front; `bytes` holds its prefix.
int32_t announced(const std::byte* bytes) { return load_big_endian<int32_t>(bytes); }

}  // namespace

std::optional<std::string> bad_size(int32_t size, size_t size_max) {
    if (size >= 0 && static_cast<size_t>(size) <= size_max) return std::nullopt;
    std::array<char, prefix_size> text;
    store_big_endian(reinterpret_cast<std::byte*>(text.data()), size);
    const std::string_view start(text.data(), text.size());
    if (start.starts_with("\x16\x03")) {
        return "it speaks TLS, but this listener does not (a ClientHello came instead of a frame)";
    }
    for (const std::string_view method : {"GET ", "POST", "PUT ", "HEAD", "DELE", "OPTI"}) {
        if (start == method) return "it speaks HTTP (a request came instead of a frame)";
    }
    if (size < 0) return fmt::format("it announced a frame of {} bytes", size);
    return fmt::format("it announced a frame of {} bytes, more than the limit of {}", size,
                       size_max);
}

Session::Session(IoThread& thread, std::shared_ptr<Mailbox> mailbox, int socket, Peer peer,
                 std::shared_ptr<const security::TlsContext> tls)
    : thread_(thread),
      mailbox_(std::move(mailbox)),
      peer_(std::move(peer)),
      tls_(std::move(tls)),
      transport_(socket, tls_ ? std::make_unique<TlsChannel>(tls_, thread.tls_scratch()) : nullptr),
      replies_(thread.observer()),
      send_estimate_(IoThread::scratch_size),
      sends_files_(tls_ == nullptr),
      opened_ms_(thread.now_ms()),
      active_ms_(opened_ms_),
      interest_(EPOLLIN),
      authenticated_(peer_.protocol == security::SecurityProtocol::plaintext),
      identified_(tls_ == nullptr) {
    thread.watch(socket, peer_.session_id, interest_, false);
}

void Session::deliver(uint64_t number, Answer&& answer) {
    if (mailbox_->is_mine()) return on_answer(number, std::move(answer));
    mailbox_->post({.session = shared_from_this(), .number = number, .answer = std::move(answer)});
}

void Session::authenticated() {
    if (mailbox_->is_mine()) return on_authenticated();
    auto self = shared_from_this();
    auto task = [self] { self->on_authenticated(); };
    mailbox_->post({.session = self, .task = std::move(task)});
}

void Session::on_authenticated() {
    if (closed_ || authenticated_) return;
    authenticated_ = true;
    thread_.leave_lobby(peer_.session_id);
}

void Session::on_answer(uint64_t number, Answer&& answer) {
    if (closed_) return;
    active_ms_ = thread_.now_ms();
    if (answer.kind == Answer::Kind::close) {
        if (!close_asked_) close_reason_ = std::move(answer.reason);
        close_asked_ = true;
    } else {
        if (answer.kind == Answer::Kind::none) answer.frame = {};
        ends_ = ends_ || answer.frame.close_after;
        // Within its own handler it counts as answered when that is done, unless this is all.
        const bool timed = thread_.observer() != nullptr &&
                           !(handling_ == number && !answer.frame.bytes.empty());
        if (timed) replies_.set_now(thread_.look_ns());
        replies_.answer(number, std::move(answer.frame));
        if (awaits_ && number == awaited_) awaits_ = false;
        if (answer.mute_ms > 0) {
            muted_until_ms_ = std::max(muted_until_ms_, active_ms_ + answer.mute_ms);
        }
    }
    // Its own handler's caller goes on by itself.
    if (handling_ || dirty_) return;
    dirty_ = true;
    thread_.mark_dirty(shared_from_this());
}

void Session::on_events(uint32_t events) {
    if (closed_) return;
    const bool has_input = (events & EPOLLIN) != 0;
    if ((events & (EPOLLERR | EPOLLHUP)) != 0 && !(has_input && wants_input())) return close("");
    if (lingering_) {
        discard();
        return settle();
    }
    if ((events & EPOLLOUT) != 0) {
        write_blocked_ = false;
        flush();
    }
    if (has_input && wants_input()) read();
    else if (has_input) deaf_ = true;
    pump();
}

void Session::pump() {
    dirty_ = false;
    if (!lingering_) {
        do {
            hand_over_kept();
            read_held();
            flush();
        } while (!blocked() &&
                 (keeps_a_frame() || (transport_.holds_input() && wants_input())));
    }
    settle();
}

bool Session::blocked() const {
    const ServerOptions& options = thread_.options();
    return closed_ || close_asked_ || ends_ || awaits_ || muted_until_ms_ > thread_.now_ms() ||
           replies_.size() >= (authenticated_ ? options.in_flight_max
                                              : options.before_authentication.in_flight_max) ||
           replies_.bytes_held() >= options.out_bytes_max;
}

bool Session::wants_input() const {
    return lingering_ || (!peer_done_ && !starving_ && !waits_for_seat_ && !blocked());
}

// ---- input

/// A stranger needs a seat, and a TLS handshake its turn: the work of a few of them, and no more,
/// comes between what the other sessions of this thread want. epoll reports them again.
bool Session::may_speak() {
    if (!authenticated_ && !thread_.enter_lobby(peer_.session_id)) {
        waits_for_seat_ = true;
        return false;
    }
    return identified_ || thread_.may_shake_hands();
}

void Session::on_seat() {
    waits_for_seat_ = false;
    settle();
}

/// What the transport holds of the peer's bytes, of which epoll knows nothing.
void Session::read_held() {
    while (transport_.holds_input() && !lingering_ && wants_input() && !keeps_a_frame()) {
        (void)read_once();
    }
}

/// Takes note that the TLS handshake is done; false when its certificate is nobody's.
bool Session::identify() {
    if (identified_ || !transport_.tls()->established()) return true;
    identified_ = true;
    auto principal = tls_->principal_of(transport_.tls()->connection());
    if (!principal) return refuse(principal.error()), false;
    peer_.principal = std::move(*principal);
    if (peer_.protocol == security::SecurityProtocol::ssl) on_authenticated();
    return true;
}

size_t Session::frame_size_max() const {
    const ServerOptions& options = thread_.options();
    if (authenticated_) return options.frame_size_max;
    return std::min(options.frame_size_max, options.before_authentication.frame_size_max);
}

void Session::read() {
    if ((!authenticated_ || !identified_) && !may_speak()) return;
    size_t budget = IoThread::read_turn_max;
    while (budget > 0 && !lingering_ && wants_input() && !keeps_a_frame()) {
        const size_t got = read_once();
        if (got == 0) return;
        budget -= std::min(budget, got);
    }
}

/// Receives once and hands over what is complete; 0 when there may be no more for now.
size_t Session::read_once() {
    const MutableByteView scratch = thread_.read_scratch();
    std::array<iovec, 2> into;
    size_t pieces = 0;
    size_t room = 0;     // in in_, for the rest of its frame
    size_t carried = 0;  // bytes of a prefix that are put before what comes
    bool completes = true;
    if (in_.size() < prefix_size) {
        carried = in_.size();
        if (carried != 0) std::memcpy(scratch.data(), in_.data(), carried);
    } else {
        const size_t frame = prefix_size + static_cast<size_t>(announced(in_.data()));
        if (!make_room(frame)) return 0;
        room = std::min(in_.capacity(), frame) - in_.size();
        completes = in_.size() + room == frame;
        into[pieces++] = {in_.room().data(), room};
    }
    const MutableByteView behind = completes ? scratch.subspan(carried) : MutableByteView();
    if (completes) into[pieces++] = {behind.data(), behind.size()};

    const auto outcome = transport_.receive(std::span(into).first(pieces));
    if (!identified_ && !identify()) return 0;
    if (outcome.state != Transport::Outcome::State::moved) return end_of_input(outcome), 0;
    active_ms_ = thread_.now_ms();
    thread_.count_in(outcome.bytes);
    in_.grew_by(std::min(outcome.bytes, room));
    if (room > 0 && completes && outcome.bytes >= room) {
        in_.remove_front(hand_over(in_.view()));
    }
    if (carried > 0) in_.clear();
    if (outcome.bytes > room || carried > 0) {
        const MutableByteView came = scratch.first(carried + outcome.bytes - room);
        keep(came.subspan(closed_ ? came.size() : hand_over(came)));
    }
    if (in_.empty()) release_input();
    return outcome.bytes == room + behind.size() ? outcome.bytes : 0;
}

void Session::end_of_input(const Transport::Outcome& outcome) {
    if (outcome.state == Transport::Outcome::State::would_block) return;
    if (outcome.state == Transport::Outcome::State::failed) {
        const TlsChannel& tls = *transport_.tls();
        return tls.connection() == nullptr ? close(tls.failure()) : refuse(tls.failure());
    }
    // A peer that has only finished sending still gets its replies (see settle()).
    peer_done_ = true;
    if (outcome.error != 0) close("");
}

size_t Session::hand_over(MutableByteView bytes) {
    size_t done = 0;
    while (bytes.size() - done >= prefix_size) {
        if (blocked()) flush();
        if (blocked()) break;
        const int32_t size = announced(bytes.data() + done);
        if (const auto why = bad_size(size, frame_size_max())) {
            flush();
            close(*why);
            break;
        }
        const size_t frame = static_cast<size_t>(size);
        if (bytes.size() - done - prefix_size < frame) break;
        hand_over_one(bytes.subspan(done + prefix_size, frame));
        done += prefix_size + frame;
    }
    return closed_ ? bytes.size() : done;
}

FrameTimes Session::times_of(ByteView frame) const {
    const bool begins = frame.size() >= sizeof(uint32_t);
    return {.begins = begins ? load_big_endian<uint32_t>(frame.data()) : ~uint32_t{0},
            .received_ns = thread_.turn_ns(),
            .begun_ns = replies_.now_ns()};
}

void Session::hand_over_one(MutableByteView frame) {
    FrameObserver* const observer = thread_.observer();
    // What came before it in this turn ended when the clock was last looked at.
    if (observer != nullptr) replies_.set_now(thread_.seen_ns());
    const uint64_t number = observer ? replies_.open(times_of(frame)) : replies_.open();
    handling_ = number;
    const Next next =
        thread_.shared().handler(peer_, frame, Responder(shared_from_this(), number));
    handling_.reset();
    if (observer != nullptr) {
        replies_.set_now(thread_.look_ns());
        replies_.handled();
    }
    if (next == Next::after_reply && !replies_.answered(number)) {
        awaits_ = true;
        awaited_ = number;
    }
}

bool Session::keeps_a_frame() const {
    if (in_.size() < prefix_size) return false;
    const int32_t size = announced(in_.data());
    return bad_size(size, frame_size_max()) ||
           static_cast<size_t>(size) <= in_.size() - prefix_size;
}

void Session::hand_over_kept() {
    if (!keeps_a_frame() || blocked()) return;
    in_.remove_front(hand_over(in_.view()));
    frame_since_ms_ = thread_.now_ms();
    if (in_.empty()) release_input();
}

/// Keeps what could not be handed over yet.
void Session::keep(ByteView rest) {
    if (rest.empty()) return;
    if (in_.empty()) {
        frame_since_ms_ = thread_.now_ms();
        if (rest.size() >= prefix_size) {
            const int32_t size = announced(rest.data());
            release_input();
            if (size > 0) in_ = thread_.buffers().take(prefix_size + static_cast<size_t>(size));
        }
    }
    in_.append(rest);
}

/// Makes room in in_ for more of a frame of so many bytes; false when it has to wait for memory.
bool Session::make_room(size_t frame_bytes) {
    if (in_.size() < in_.capacity()) return true;
    // Twice what has come: a size that was only announced buys nothing.
    size_t capacity = std::min(frame_bytes, std::max(2 * in_.size(), first_room));
    if (capacity > BufferCache::large) {
        capacity = (capacity + large_step - 1) / large_step * large_step;
    }
    if (capacity > BufferCache::large &&
        !thread_.frame_memory(peer_.session_id, capacity - in_.capacity())) {
        starving_ = true;
        thread_.mark_starving(peer_.session_id);
        return false;
    }
    in_.reserve(capacity);
    return true;
}

void Session::on_memory() {
    starving_ = false;
    if (transport_.holds_input() && !dirty_) {
        dirty_ = true;
        thread_.mark_dirty(shared_from_this());
    }
    settle();
}

void Session::release_input() {
    if (in_.capacity() != 0) thread_.buffers().give(std::exchange(in_, {}), thread_.now_ms());
}

// ---- life

/// After anything that happened: what to wait for now, until when, and what is held meanwhile.
void Session::settle() {
    if (closed_) return;
    if (close_asked_) return close(close_reason_);
    const bool idle = replies_.empty() && !keeps_a_frame();
    if (peer_done_ && (lingering_ || idle)) return close("");
    if (lingering_) release_input();
    account(in_.capacity() + replies_.bytes_held() + cold_bytes_ + transport_.bytes_held(),
            in_.capacity() > BufferCache::large ? in_.capacity() : 0);
    const bool heard = wants_input();
    // The time in which the peer was not heard does not count against its frame.
    if (heard && !heard_) frame_since_ms_ = thread_.now_ms();
    heard_ = heard;
    // A client that waits for its answer mostly sends nothing: EPOLLIN goes only when it does.
    if (heard) deaf_ = false;
    const uint32_t interest =
        (deaf_ ? 0 : uint32_t{EPOLLIN}) | (write_blocked_ ? uint32_t{EPOLLOUT} : 0);
    if (interest != interest_) {
        interest_ = interest;
        thread_.watch(socket(), peer_.session_id, interest, true);
    }
    const int64_t due = due_ms();
    if (due < deadline_ms_) {
        deadline_ms_ = due;
        thread_.wake_at(due, peer_.session_id);
    }
}

int64_t Session::due_ms() const {
    if (lingering_) return lingering_until_ms_;
    int64_t due = never;
    if (!authenticated_) due = opened_ms_ + thread_.options().before_authentication.deadline_ms;
    if (muted_until_ms_ > thread_.now_ms()) due = std::min(due, muted_until_ms_);
    if (!in_.empty() && wants_input()) due = std::min(due, frame_due_ms());
    // While the broker owes it an answer, the peer is not idle.
    if (replies_.empty() || replies_.ready()) {
        due = std::min(due, active_ms_ + thread_.options().idle_ms);
    }
    return due;
}

int64_t Session::frame_due_ms() const {
    return frame_since_ms_ + thread_.options().frame_deadline_ms +
           static_cast<int64_t>(in_.size()) / frame_bytes_a_ms_min;
}

void Session::on_deadline(int64_t at_ms) {
    if (closed_ || at_ms != deadline_ms_) return;
    deadline_ms_ = never;
    if (due_ms() <= thread_.now_ms()) {
        if (const auto stranger = why_stranger()) return close(*stranger);
        const bool slow = !lingering_ && !in_.empty() && wants_input() &&
                          frame_due_ms() <= thread_.now_ms();
        return close(slow ? "it did not complete a frame in time" : "");
    }
    pump();
}

/// What to say of a session that has had its time to prove who it is.
std::optional<std::string> Session::why_stranger() const {
    const int64_t limit_ms = thread_.options().before_authentication.deadline_ms;
    if (authenticated_ || lingering_ || opened_ms_ + limit_ms > thread_.now_ms())
        return std::nullopt;
    if (waits_for_seat_) return "too many others were authenticating at the same time";
    if (identified_) return fmt::format("it did not authenticate within {} ms", limit_ms);
    if (!transport_.tls()->begun()) return "";  // a probe of the port
    return fmt::format("it did not finish its TLS handshake within {} ms", limit_ms);
}

void Session::account(size_t held, size_t frame_bytes) {
    const auto change = [](size_t now, size_t before) {
        return static_cast<int64_t>(now) - static_cast<int64_t>(before);
    };
    thread_.account(peer_.session_id, change(held, accounted_bytes_),
                    change(frame_bytes, accounted_frame_bytes_));
    accounted_bytes_ = held;
    accounted_frame_bytes_ = frame_bytes;
}

void Session::close(const std::string& reason) {
    if (closed_) return;
    closed_ = true;
    if (!reason.empty()) thread_.log_closed(peer_, reason);
    transport_.close();
    replies_.clear();
    account(0, 0);
    thread_.forget(shared_from_this());
}

}  // namespace stoker::net
