// What the handler of a frame gives back: an OutFrame through a Responder.
//
// A Responder may be kept, moved to another thread and answered minutes later. Replies leave in the
// order of their requests whatever the order of the answers. What stands behind it is a ReplySink:
// a session of the server, or a test's own collector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "storage/disk.hpp"

namespace stoker::net {

/// What a reply is made of: bytes, with their 4-byte size prefix, into which stretches of files are
/// spliced. The prefix counts the slices too. A slice is read when the socket has room for it, so a
/// reply that waits for a slow client holds descriptors, not data.
struct OutFrame {
    struct Splice {
        size_t at = 0;  // the slices go before bytes[at]
        std::vector<storage::FileSlice> slices;
    };
    Bytes bytes;
    std::vector<Splice> splices;  // in ascending order of `at`
    bool close_after = false;     // the connection ends when this frame is out
};

/// How one frame ends.
struct Answer {
    enum class Kind : uint8_t {
        reply,  // `frame` goes out
        none,   // nothing goes out (acks=0)
        close,  // the connection ends; `reason` is logged
    };
    Kind kind = Kind::reply;
    OutFrame frame;
    std::string reason;
    int64_t mute_ms = 0;  // the session hands over nothing more for so long (throttling)
};

/// Takes the answer to the `number`-th frame of a session. Any thread.
class ReplySink {
public:
    virtual ~ReplySink() = default;
    virtual void deliver(uint64_t number, Answer&& answer) = 0;
    /// Who sends is known from now on (see Responder::authenticated()). Any thread.
    virtual void authenticated() {}
};

/// The promise to answer one frame, once. Move-only; any thread. Destroyed unanswered, it closes
/// the connection, because the replies behind it could never leave. It may outlive the server.
class Responder {
public:
    Responder(std::shared_ptr<ReplySink> sink, uint64_t number)
        : sink_(std::move(sink)), number_(number) {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&& other) noexcept;
    ~Responder() {
        if (sink_) give_up();
    }

    void send(OutFrame frame) &&;
    /// Nothing is sent for this frame; the next one goes on.
    void drop() &&;
    /// Ends the connection at once; `reason` is a clause for the log: "the header is malformed".
    void close(std::string reason) &&;
    /// To be called before the answer: who sends has proved who he is, which lifts the limits of
    /// ServerOptions::before_authentication from his session. Calling it again changes nothing.
    void authenticated();
    /// To be called before the answer: once answered, the session hands over no frame for `ms`.
    void mute_for(int64_t ms) { mute_ms_ = ms; }

private:
    void give_up();
    void deliver(Answer&& answer);

    std::shared_ptr<ReplySink> sink_;  // empty once answered or moved from
    uint64_t number_ = 0;
    int64_t mute_ms_ = 0;
};

}  // namespace stoker::net
