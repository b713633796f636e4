// Lets a few log lines a second through, so that a flood of bad clients is not a flood of the log.
#pragma once

#include <cstdint>

namespace stoker::net {

/// One thread.
class LogGate {
public:
    explicit LogGate(uint64_t lines_a_second) : lines_max_(lines_a_second) {}

    /// May a line be written now?
    bool pass(int64_t now_ms) {
        if (now_ms - since_ms_ >= 1000 || since_ms_ < 0) {
            since_ms_ = now_ms;
            lines_ = 0;
        }
        if (lines_ < lines_max_) return ++lines_, true;
        return ++held_back_, false;
    }
    /// How many lines were held back since the last call.
    uint64_t take_held_back() {
        const uint64_t n = held_back_;
        held_back_ = 0;
        return n;
    }

private:
    uint64_t lines_max_;
    uint64_t lines_ = 0;
    uint64_t held_back_ = 0;
    int64_t since_ms_ = -1;
};

}  // namespace stoker::net
