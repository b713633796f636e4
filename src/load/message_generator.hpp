// MessageGenerator: random JSON messages of some types, written into one reused buffer, because a
// load generator must not be what limits the load (well below a microsecond a message). The
// templates are compiled once into pieces of text with a random value between them.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "load/message_template.hpp"
#include "load/wall_time.hpp"

namespace stoker::load {

struct GeneratedMessage {
    std::string_view type;
    std::string_view key;    ///< the user, server, transaction or sensor
    std::string_view value;  ///< one JSON object
};

/// One thread. The same seed, templates and times give the same messages.
class MessageGenerator {
public:
    /// Messages shorter than `size` bytes get a field "padding" that makes them exactly as long;
    /// size_max() says which sizes every message can have.
    explicit MessageGenerator(uint64_t seed, size_t size = 0,
                              const std::vector<MessageTemplate>& templates =
                                  specified_templates());

    /// The views last until the next call.
    GeneratedMessage next(int64_t wall_us);

    /// The length of the longest message that is not padded, and of the shortest padding: from it
    /// on, `size` is exact.
    size_t size_max() const;

private:
    struct Piece {
        Field::Kind kind;
        bool is_key;
        int digits;
        int64_t low;
        int64_t high;
        std::string before;              ///< what is between the value before and this one
        std::string after;               ///< a closing quote
        std::vector<std::string> words;  ///< escaped
    };
    struct Program {
        std::string type;
        std::string head;
        std::vector<Piece> pieces;
        int64_t weight_end;  ///< of all weights up to this one
    };

    static Piece compile(const Field& field, bool is_key);
    static size_t length_max(const Program& program);
    const Program& choose();
    void write(const Piece& piece);
    void write_decimal(const Piece& piece);
    void write_address(const Piece& piece);
    void metadata(std::string_view time);
    void pad();

    void text(std::string_view text) { buffer_.append(text.data(), text.data() + text.size()); }
    void number(int64_t value);
    int64_t between(int64_t low, int64_t high);

    Random random_;
    size_t size_;
    std::vector<Program> programs_;
    IsoTime time_;
    fmt::memory_buffer buffer_;
    size_t key_at_ = 0;
    size_t key_size_ = 0;
};

}  // namespace stoker::load
