// One TCP connection: frames in, replies out, on one io thread for as long as it lives.
//
// Input. Bytes are received into the io thread's scratch buffer and complete frames are handed over
// from there without being copied. Only a frame that is still incomplete gets a buffer (`in_`) of
// its own, which grows with the bytes that have come, whatever size was announced.
//
// A session that may not hand over its next frame (see blocked()) does not read either, so TCP
// makes the client wait. What was received before that stays in `in_`.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/deadlines.hpp"
#include "net/frame_buffer.hpp"
#include "net/mailbox.hpp"
#include "net/reply_queue.hpp"
#include "net/server.hpp"
#include "net/transport.hpp"

namespace stoker::net {

class IoThread;

class Session final : public ReplySink, public std::enable_shared_from_this<Session> {
public:
    /// `tls` is null on a listener without.
    Session(IoThread& thread, std::shared_ptr<Mailbox> mailbox, int socket, Peer peer,
            std::shared_ptr<const security::TlsContext> tls);

    const Peer& peer() const { return peer_; }
    int socket() const { return transport_.socket(); }

    /// Any thread. From its own thread the answer is recorded and leaves with the next pump().
    void deliver(uint64_t number, Answer&& answer) override;
    void authenticated() override;

    // The rest is for its io thread.

    /// The socket is ready for `events` (EPOLLIN, EPOLLOUT …).
    void on_events(uint32_t events);
    /// An answer from another thread.
    void on_answer(uint64_t number, Answer&& answer);
    /// Goes on after answers: hands over frames that waited, sends what is ready.
    void pump();
    /// The time that was asked for in Deadlines has come.
    void on_deadline(int64_t at_ms);
    /// Memory for large frames is free again.
    void on_memory();
    /// Its turn to speak has come (see lobby.hpp).
    void on_seat();
    /// After close(), when none of its functions is on the stack: frees what they might have used.
    void bury() { release_input(); }
    /// Ends it; an empty reason is an end that needs no log line. Idempotent.
    void close(const std::string& reason);
    bool closed() const { return closed_; }

private:
    /// May it not hand over a frame now?
    bool blocked() const;
    bool wants_input() const;

    void read();
    void read_held();
    size_t read_once();
    void end_of_input(const Transport::Outcome& outcome);
    bool may_speak();
    bool identify();
    void on_authenticated();
    size_t frame_size_max() const;
    /// Hands over the complete frames at the front; returns how many bytes they took.
    size_t hand_over(MutableByteView bytes);
    void hand_over_one(MutableByteView frame);
    FrameTimes times_of(ByteView frame) const;
    /// Is there a frame in in_, or the prefix of one that will be refused?
    bool keeps_a_frame() const;
    void hand_over_kept();
    void keep(ByteView rest);
    bool make_room(size_t frame_bytes);
    void release_input();

    void flush();
    std::optional<size_t> send_pieces(std::span<iovec> pieces, size_t size, bool more);
    std::optional<size_t> send_file(const storage::FileSlice& slice, size_t size_max);
    void read_cold(storage::FileSlice slice);
    void on_cold(Bytes data, const std::string& error);
    void linger();
    void discard();
    /// Ends it so that the peer can still read why: the TLS alert that has been sent.
    void refuse(const std::string& reason);

    void settle();
    int64_t due_ms() const;
    int64_t frame_due_ms() const;
    std::optional<std::string> why_stranger() const;
    void account(size_t held, size_t frame_bytes);

    IoThread& thread_;  // not to be touched by other threads, nor once closed
    const std::shared_ptr<Mailbox> mailbox_;
    Peer peer_;  // its principal comes with the end of the TLS handshake
    const std::shared_ptr<const security::TlsContext> tls_;
    Transport transport_;
    FrameBuffer in_;
    ReplyQueue replies_;
    std::string close_reason_;  // of a Responder's close()
    uint64_t awaited_ = 0;      // the frame that must be answered first, with awaits_
    size_t cold_bytes_ = 0;     // what a storage thread is reading for it
    size_t accounted_bytes_ = 0;
    size_t accounted_frame_bytes_ = 0;
    size_t send_estimate_;          // file bytes that the socket is likely to take
    bool sends_files_;              // straight from the page cache
    const int64_t opened_ms_;
    int64_t active_ms_;             // the last byte or answer
    int64_t frame_since_ms_ = 0;    // the first byte of an incomplete frame
    int64_t muted_until_ms_ = 0;
    int64_t lingering_until_ms_ = 0;
    int64_t deadline_ms_ = never;  // its valid entry in Deadlines
    uint32_t interest_;            // epoll events that are armed
    bool authenticated_;        // it is known who sends, or nobody asks
    bool identified_;           // the TLS handshake, if there is one, is done
    bool waits_for_seat_ = false;
    bool awaits_ = false;
    std::optional<uint64_t> handling_{};  // the request whose handler is on the stack
    bool dirty_ = false;        // in the io thread's list for pump()
    bool starving_ = false;     // waits for memory for a large frame
    bool write_blocked_ = false;
    bool heard_ = true;         // it wanted input when it last settled
    bool deaf_ = false;         // input is there that it does not want yet
    bool peer_done_ = false;    // the peer sends nothing more
    bool close_asked_ = false;  // by a Responder
    bool ends_ = false;         // a reply with close_after was given
    bool lingering_ = false;    // everything is sent; waits for the peer to close
    bool closed_ = false;
};

/// Why a size prefix is refused, as a clause that names what it looks like; nothing when it is good
std::optional<std::string> bad_size(int32_t size, size_t size_max);

}  // namespace stoker::net
