// MessageGenerator: random JSON messages of five kinds, written by hand into one reused buffer,
// because a load generator must not be what limits the load (about a microsecond a message).
// Names, ranges and number formats are those of the load bombers' specification.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "base/random.hpp"
#include "load/message_type.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

struct GeneratedMessage {
    MessageType type;
    std::string_view key;    ///< the user, server, transaction, service or sensor
    std::string_view value;  ///< one JSON object
};

/// One thread. The same seed and times give the same messages.
class MessageGenerator {
public:
    /// Messages shorter than `size_min` bytes get a field "padding" that makes them as long.
    explicit MessageGenerator(uint64_t seed, size_t size_min = 0)
        : random_(seed), size_min_(size_min) {}

    /// The views last until the next call.
    GeneratedMessage next(int64_t wall_us);

private:
    void user_activity();
    void system_metrics();
    void transaction();
    void log_event();
    void sensor_data();
    void metadata(std::string_view time);
    void pad();

    void text(std::string_view text) { buffer_.append(text.data(), text.data() + text.size()); }
    void number(int64_t value);
    /// `"name": "prefix` + a number in [low, high] + `"`, which becomes the key of the message.
    void id(std::string_view field, std::string_view prefix, int64_t low, int64_t high);
    void decimal(std::string_view field, int64_t low, int64_t high, int decimals);
    void word(std::string_view field, std::span<const std::string_view> choices);
    int64_t between(int64_t low, int64_t high);

    Random random_;
    size_t size_min_;
    IsoTime time_;
    fmt::memory_buffer buffer_;
    size_t key_at_ = 0;
    size_t key_size_ = 0;
};

}  // namespace stoker::load
