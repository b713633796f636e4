// Who wants to know what becomes of frames, and how long it takes: metrics. Nobody does unless
// ServerOptions::observe says so, and then nothing is measured.
#pragma once

#include <cstdint>

namespace stoker::net {

/// When what happened to one frame; nanoseconds of the server's clock.
struct FrameTimes {
    uint32_t begins = 0;      // its first four bytes, whatever they mean to its handler
    int64_t received_ns = 0;  // the io thread woke up, and its bytes were there
    int64_t begun_ns = 0;     // the handler was called
    int64_t handled_ns = 0;   // it returned
    int64_t answered_ns = 0;  // not before that: it answered, or somebody did later
    int64_t sending_ns = 0;   // its turn to be sent came
};

/// Of one io thread, which calls it.
class FrameObserver {
public:
    virtual ~FrameObserver() = default;
    /// The last byte of the answer has gone to the socket, or there was none to send.
    virtual void finished(const FrameTimes& times, int64_t sent_ns) = 0;
};

}  // namespace stoker::net
