// The replies of one session, in the order of their requests, and how far each has been sent.
//
// A reply waits here for the ones before it and for room in the socket. File slices stay slices:
// gather() reads as much of them as fits a scratch buffer of the thread, advance() is told what the
// socket took, and the rest is read again when its turn comes. Only data that is not in the page
// cache is brought by another thread and held (one buffer a session).
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "net/frame_observer.hpp"
#include "net/reply.hpp"

namespace stoker::net {

/// One thread.
class ReplyQueue {
public:
    /// `observer` is told of each frame whose answer is out; null: nobody is.
    explicit ReplyQueue(FrameObserver* observer = nullptr) : observer_(observer) {
        if (observer != nullptr) times_.emplace();
    }

    /// For the observer: the time of what is done next.
    void set_now(int64_t now_ns) { now_ns_ = now_ns; }
    int64_t now_ns() const { return now_ns_; }

    /// A new request: its reply has this number.
    uint64_t open();
    /// The same where somebody observes: the frame's times begin as told.
    uint64_t open(const FrameTimes& times);
    /// The handler of the latest request has returned.
    void handled();
    /// An empty frame sends nothing. False when the number is unknown or answered already.
    bool answer(uint64_t number, OutFrame frame);

    bool answered(uint64_t number) const;
    bool empty() const { return entries_.empty(); }
    /// Requests that are not answered and sent.
    size_t size() const { return entries_.size(); }
    /// Is there something that could be sent now?
    bool ready() const { return !entries_.empty() && entries_.front().answered; }
    /// Bytes in memory: unsent replies and cold data.
    size_t bytes_held() const { return bytes_held_ + cold_.size(); }

    struct Gathered {
        std::span<iovec> pieces;
        size_t bytes = 0;
        /// Nothing could be gathered, because this must be read from the disk first.
        std::optional<storage::FileSlice> cold;
        /// Nothing was gathered, because this is next: a slice that need not be copied.
        std::optional<storage::FileSlice> direct;
        bool more = false;  // such a slice follows
        std::string error;  // a slice could not be read
    };
    static constexpr size_t never_direct = std::numeric_limits<size_t>::max();
    /// What to send next: at most `bytes_max`, of which file data fits `scratch`. What is left of a
    /// slice is not gathered but given as `direct` when it has `direct_min` bytes or more.
    Gathered gather(std::span<iovec> pieces, MutableByteView scratch, size_t bytes_max,
                    size_t direct_min = never_direct);
    /// What gather() asked for as `cold`, or the beginning of it.
    void supply(Bytes data);
    /// `n` of the gathered bytes are sent.
    void advance(size_t n);
    /// A frame with close_after is out.
    bool finished() const { return finished_; }

    void clear();

private:
    struct Cursor {
        size_t byte = 0;        // in OutFrame::bytes
        size_t splice = 0;      // in OutFrame::splices
        size_t slice = 0;       // in Splice::slices
        size_t slice_byte = 0;  // in FileSlice
    };
    struct Entry {
        bool answered = false;
        Cursor sent;
        OutFrame frame;
    };
    /// The bytes or the slice that a cursor stands before; neither at the end of the frame.
    struct Piece {
        ByteView bytes;
        std::optional<storage::FileSlice> slice;
        size_t size() const { return slice ? slice->size : bytes.size(); }
    };
    static Piece piece_at(const OutFrame& frame, Cursor& cursor);
    static void move(Cursor& cursor, const Piece& piece, size_t n);
    struct Gathering;
    bool gather_slice(Gathering& work, const storage::FileSlice& slice, size_t& taken);
    size_t advance_first(size_t n);
    static bool sent_whole(Entry& entry);
    void drop_sent();

    void finish_first();

    FrameObserver* const observer_;
    int64_t now_ns_ = 0;
    std::deque<Entry> entries_;
    /// Of each entry, where somebody observes.
    std::optional<std::deque<FrameTimes>> times_;
    uint64_t first_number_ = 0;  // of entries_.front()
    size_t bytes_held_ = 0;
    Bytes cold_;            // data of the slice before which the first entry's cursor stands
    size_t cold_sent_ = 0;  // of cold_
    bool finished_ = false;
};

}  // namespace stoker::net
