// The primitives of Kafka's wire format: what the folds of codec.hpp are made of. Not templates, so
// that ninety messages do not pay for them ninety times.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "protocol/message_io.hpp"

namespace stoker::protocol {

/// The longest string either side may send, in bytes, with compact lengths too.
inline constexpr size_t string_size_max = 0x7fff;

/// Array elements in one message, nested ones included. One element takes at least one byte of the
/// frame and up to some hundred in memory; this keeps a hostile frame from buying gigabytes.
inline constexpr size_t elements_max = 2 * 1024 * 1024;

/// Appends to a buffer of its own.
class Writer {
public:
    explicit Writer(Bytes start = {}) : bytes_(std::move(start)), size_(bytes_.size()) {}

    template <std::integral T>
    void number(T value) {
        store_big_endian(room(sizeof(T)), value);
    }
    void put(const void* data, size_t size) {
        if (size > 0) std::memcpy(room(size), data, size);
    }
    void unsigned_varint(uint32_t value);
    /// The length before `size` bytes of text, compact or classic.
    void text_length(size_t size, bool compact);
    /// The length before an array or before bytes.
    void length(size_t size, bool compact);
    void null_text(bool compact);
    void null(bool compact);
    void text(std::string_view text, bool compact);
    void blob(ByteView bytes, bool compact);
    void records(const Records& records, bool compact);

    /// The start of a tagged field's value; end_tag puts tag and size in front of it.
    size_t begin_tag() const { return size_; }
    void end_tag(size_t begin, int tag);

    /// Fills the four bytes at the front with the size of all that follows them.
    void fill_frame_size();
    Encoded finish() &&;
    /// The same where nothing can be spliced in.
    Bytes finish_whole() &&;

private:
    /// The next `size` bytes, which the caller fills.
    std::byte* room(size_t size) {
        if (bytes_.size() - size_ < size) grow(size);
        return bytes_.data() + std::exchange(size_, size_ + size);
    }
    void grow(size_t size);

    Bytes bytes_;  // with room behind what is written: numbers go straight into it
    size_t size_;  // of what is written
    std::vector<Splice> splices_;
    size_t external_size_ = 0;
};

/// Consumes a view. Every check is here: no length is believed beyond what is left. Its failures
/// name the field that was being read.
class Reader {
public:
    explicit Reader(ByteView in) : in_(in) {}

    bool at_end() const { return in_.empty(); }
    ByteView rest() const { return in_; }
    void reading(std::string_view field) { field_ = field; }

    template <std::integral T>
    T number() {
        return load_big_endian<T>(take(sizeof(T)).data());
    }
    ByteView take(size_t size);
    uint32_t unsigned_varint();
    /// -1 is null; never more than what is left.
    int64_t text_length(bool compact);
    int64_t length(bool compact);
    /// The same where null is malformed.
    size_t required_length(bool compact);
    size_t required_text_length(bool compact);
    /// Valid UTF-8, or malformed.
    std::string text(size_t size);
    /// An array's length, counted against elements_max.
    int64_t array_length(bool compact);
    size_t required_array_length(bool compact);

    /// Narrows the reader to the next `size` bytes; the returned view is what `leave` goes back to.
    ByteView enter(size_t size);
    /// Malformed when the inner bytes are not all consumed.
    void leave(ByteView outer);

    [[noreturn]] void fail(std::string_view why) const;

private:
    int64_t checked(int64_t length) const;

    ByteView in_;
    std::string_view field_;
    size_t elements_left_ = elements_max;
};

}  // namespace stoker::protocol
