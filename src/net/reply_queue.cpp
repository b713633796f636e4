#include "net/reply_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace stoker::net {

/// What gather() has so far.
struct ReplyQueue::Gathering {
    std::span<iovec> pieces;
    MutableByteView scratch;
    size_t bytes_max;
    size_t count = 0;         // of pieces
    size_t bytes = 0;         // in pieces
    size_t scratch_used = 0;  // of scratch
    bool cold_used = false;   // cold_ is in pieces
    Gathered result;

    bool full() const { return count == pieces.size() || bytes >= bytes_max; }
    void add(ByteView view) {
        pieces[count++] = {const_cast<std::byte*>(view.data()), view.size()};
        bytes += view.size();
    }
};

uint64_t ReplyQueue::open(const FrameTimes& times) {
    times_->push_back(times);
    return open();
}

uint64_t ReplyQueue::open() {
    entries_.emplace_back();
    return first_number_ + entries_.size() - 1;
}

void ReplyQueue::handled() {
    if (times_->empty()) return;  // it is out already
    FrameTimes& times = times_->back();
    times.handled_ns = now_ns_;
    if (times.answered_ns != 0) times.answered_ns = now_ns_;
}

/// An answer without bytes can be out before its handler has returned.
void ReplyQueue::finish_first() {
    FrameTimes& times = times_->front();
    for (int64_t* time : {&times.handled_ns, &times.answered_ns, &times.sending_ns})
        if (*time == 0) *time = now_ns_;
    observer_->finished(times, now_ns_);
    times_->pop_front();
}

bool ReplyQueue::answered(uint64_t number) const {
    if (number < first_number_) return true;
    const uint64_t at = number - first_number_;
    return at < entries_.size() && entries_[at].answered;
}

bool ReplyQueue::answer(uint64_t number, OutFrame frame) {
    if (number < first_number_ || number - first_number_ >= entries_.size()) return false;
    Entry& entry = entries_[number - first_number_];
    if (entry.answered) return false;
    for (const auto& splice : frame.splices) {
        STOKER_CHECK(splice.at <= frame.bytes.size(), "a splice lies within its frame");
    }
    entry.answered = true;
    if (times_) (*times_)[number - first_number_].answered_ns = now_ns_;
    entry.frame = std::move(frame);
    bytes_held_ += entry.frame.bytes.size();
    if (number == first_number_) drop_sent();
    return true;
}

ReplyQueue::Piece ReplyQueue::piece_at(const OutFrame& frame, Cursor& cursor) {
    const auto& splices = frame.splices;
    while (cursor.splice < splices.size() && splices[cursor.splice].at <= cursor.byte) {
        const auto& slices = splices[cursor.splice].slices;
        if (cursor.slice == slices.size()) {
            ++cursor.splice;
            cursor.slice = 0;
        } else if (cursor.slice_byte < slices[cursor.slice].size) {
            storage::FileSlice rest = slices[cursor.slice];
            rest.position += static_cast<int64_t>(cursor.slice_byte);
            rest.size -= cursor.slice_byte;
            return {.bytes = {}, .slice = std::move(rest)};
        } else {
            ++cursor.slice;
            cursor.slice_byte = 0;
        }
    }
    const size_t end =
        cursor.splice < splices.size() ? splices[cursor.splice].at : frame.bytes.size();
    return {.bytes = ByteView(frame.bytes).subspan(cursor.byte, end - cursor.byte), .slice = {}};
}

void ReplyQueue::move(Cursor& cursor, const Piece& piece, size_t n) {
    (piece.slice ? cursor.slice_byte : cursor.byte) += n;
}

ReplyQueue::Gathered ReplyQueue::gather(std::span<iovec> pieces, MutableByteView scratch,
                                        size_t bytes_max, size_t direct_min) {
    Gathering work{.pieces = pieces, .scratch = scratch, .bytes_max = bytes_max};
    for (size_t i = 0; i < entries_.size() && entries_[i].answered && !work.full(); ++i) {
        const OutFrame& frame = entries_[i].frame;
        Cursor cursor = entries_[i].sent;
        if (times_ && (*times_)[i].sending_ns == 0) (*times_)[i].sending_ns = now_ns_;
        if (frame.splices.empty()) {
            const ByteView rest = ByteView(frame.bytes).subspan(cursor.byte);
            if (!rest.empty()) work.add(rest);
            if (frame.close_after) break;
            continue;
        }
        bool more = true;
        while (more && !work.full()) {
            const Piece piece = piece_at(frame, cursor);
            if (piece.size() == 0) break;
            size_t taken = piece.size();
            if (piece.slice && cold_.empty() && taken >= direct_min) {
                if (work.bytes == 0) work.result.direct = *piece.slice;
                work.result.more = work.bytes != 0;
                taken = 0;
                more = false;
            } else if (piece.slice) {
                more = gather_slice(work, *piece.slice, taken);
            } else {
                work.add(piece.bytes);
            }
            move(cursor, piece, taken);
        }
        // Nothing may leave after a gap, nor after a frame that ends the connection.
        if (!more || piece_at(frame, cursor).size() != 0 || frame.close_after) break;
    }
    work.result.pieces = work.pieces.first(work.count);
    work.result.bytes = work.bytes;
    return std::move(work.result);
}

/// Adds as much of `slice` as there is room for; false when what follows has to wait.
bool ReplyQueue::gather_slice(Gathering& work, const storage::FileSlice& slice, size_t& taken) {
    taken = 0;
    if (!cold_.empty() && !work.cold_used) {
        work.cold_used = true;
        work.add(ByteView(cold_).subspan(cold_sent_));
        taken = cold_.size() - cold_sent_;
        return true;
    }
    const size_t room = std::min(work.scratch.size() - work.scratch_used,
                                 work.bytes_max - work.bytes);
    const MutableByteView into =
        work.scratch.subspan(work.scratch_used, std::min(room, slice.size));
    if (into.empty()) return false;
    const auto read = slice.file->read_cached(slice.position, into);
    if (!read) {
        if (!read.error().would_block()) {
            work.result.error = read.error().what;
        } else if (work.bytes == 0) {
            work.result.cold = slice;
        }
        return false;
    }
    if (*read == 0) {
        work.result.error = "a file is shorter than the data that was to be sent from it";
        return false;
    }
    work.add(into.first(*read));
    work.scratch_used += *read;
    taken = *read;
    return taken == slice.size;
}

void ReplyQueue::supply(Bytes data) {
    STOKER_CHECK(cold_.empty(), "one read of cold data at a time");
    cold_ = std::move(data);
    cold_sent_ = 0;
}

void ReplyQueue::advance(size_t n) {
    while (n > 0) {
        STOKER_CHECK(!entries_.empty() && entries_.front().answered, "only what was gathered");
        n -= advance_first(n);
        drop_sent();
    }
}

/// As far as one piece of the first entry goes; returns how far.
size_t ReplyQueue::advance_first(size_t n) {
    Entry& entry = entries_.front();
    if (entry.frame.splices.empty()) {
        const size_t step = std::min(n, entry.frame.bytes.size() - entry.sent.byte);
        entry.sent.byte += step;
        return step;
    }
    const Piece piece = piece_at(entry.frame, entry.sent);
    const size_t step = std::min(n, piece.size());
    if (piece.slice && !cold_.empty()) {
        cold_sent_ = std::min(cold_.size(), cold_sent_ + step);
        if (cold_sent_ == cold_.size()) cold_ = Bytes();
    }
    move(entry.sent, piece, step);
    return step;
}

bool ReplyQueue::sent_whole(Entry& entry) {
    if (entry.frame.splices.empty()) return entry.sent.byte == entry.frame.bytes.size();
    return piece_at(entry.frame, entry.sent).size() == 0;
}

void ReplyQueue::drop_sent() {
    while (!finished_ && ready()) {
        Entry& entry = entries_.front();
        if (!sent_whole(entry)) return;
        finished_ = entry.frame.close_after;
        bytes_held_ -= entry.frame.bytes.size();
        if (times_) finish_first();
        entries_.pop_front();
        ++first_number_;
    }
}

void ReplyQueue::clear() {
    first_number_ += entries_.size();
    entries_.clear();
    if (times_) times_->clear();
    cold_ = Bytes();
    bytes_held_ = 0;
}

}  // namespace stoker::net
