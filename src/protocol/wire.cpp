#include "protocol/wire.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.hpp"
#include "protocol/utf8.hpp"

namespace stoker::protocol {

namespace {

constexpr size_t frame_size_field = 4;

struct Varint {
    std::byte bytes[5];
    size_t size = 0;
};

Varint varint_of(uint32_t value) {
    Varint varint;
    for (; value >= 0x80; value >>= 7) varint.bytes[varint.size++] = std::byte(value | 0x80);
    varint.bytes[varint.size++] = std::byte(value);
    return varint;
}

}  // namespace

void Writer::grow(size_t size) {
    bytes_.resize(std::max({bytes_.capacity(), 2 * bytes_.size(), size_ + size}));
}

void Writer::unsigned_varint(uint32_t value) {
    if (value < 0x80) return number(uint8_t(value));
    Varint varint = varint_of(value);
    put(varint.bytes, varint.size);
}

void Writer::text_length(size_t size, bool compact) {
    if (size > string_size_max) {
        throw CannotEncode("a string of " + std::to_string(size) + " bytes; 32767 is the limit");
    }
    if (compact) unsigned_varint(uint32_t(size) + 1);
    else number(int16_t(size));
}

void Writer::length(size_t size, bool compact) {
    if (size >= size_t(std::numeric_limits<int32_t>::max())) {
        throw CannotEncode("a field of " + std::to_string(size) + " bytes or elements");
    }
    if (compact) unsigned_varint(uint32_t(size) + 1);
    else number(int32_t(size));
}

void Writer::null_text(bool compact) {
    if (compact) unsigned_varint(0);
    else number(int16_t(-1));
}

void Writer::null(bool compact) {
    if (compact) unsigned_varint(0);
    else number(int32_t(-1));
}

void Writer::text(std::string_view text, bool compact) {
    text_length(text.size(), compact);
    put(text.data(), text.size());
}

void Writer::blob(ByteView bytes, bool compact) {
    length(bytes.size(), compact);
    put(bytes.data(), bytes.size());
}

void Writer::records(const Records& records, bool compact) {
    length(records.size(), compact);
    if (records.external_size) {
        splices_.push_back({.at = size_, .size = *records.external_size});
        external_size_ += *records.external_size;
    } else {
        put(records.bytes.data(), records.bytes.size());
    }
}

void Writer::end_tag(size_t begin, int tag) {
    STOKER_CHECK(splices_.empty() || splices_.back().at < begin, "no Records in a tagged field");
    Varint number = varint_of(uint32_t(tag));
    size_t value_size = size_ - begin;
    Varint size = varint_of(uint32_t(value_size));
    room(number.size + size.size);
    std::byte* at = bytes_.data() + begin;
    std::memmove(at + number.size + size.size, at, value_size);
    std::memcpy(at, number.bytes, number.size);
    std::memcpy(at + number.size, size.bytes, size.size);
}

void Writer::fill_frame_size() {
    size_t size = size_ - frame_size_field + external_size_;
    if (size > size_t(std::numeric_limits<int32_t>::max())) {
        throw CannotEncode("a frame of " + std::to_string(size) + " bytes");
    }
    store_big_endian(bytes_.data(), int32_t(size));
}

Encoded Writer::finish() && {
    bytes_.resize(size_);
    return {std::move(bytes_), std::move(splices_)};
}

Bytes Writer::finish_whole() && {
    if (!splices_.empty()) throw CannotEncode("external records where nothing is spliced in");
    bytes_.resize(size_);
    return std::move(bytes_);
}

void Reader::fail(std::string_view why) const {
    std::string text(field_);
    if (!text.empty()) text += ": ";
    throw MalformedMessage(text.append(why));
}

ByteView Reader::take(size_t size) {
    if (size > in_.size()) fail("the message ends early");
    ByteView head = in_.first(size);
    in_ = in_.subspan(size);
    return head;
}

uint32_t Reader::unsigned_varint() {
    if (!in_.empty() && uint8_t(in_[0]) < 0x80) return uint8_t(take(1)[0]);
    uint32_t value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
        auto byte = uint8_t(take(1)[0]);
        if (shift == 28 && byte > 0x0f) fail("a varint of more than 32 bits");
        value |= uint32_t(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    fail("a varint of more than 32 bits");
}

int64_t Reader::checked(int64_t length) const {
    if (length < -1) fail("a negative length");
    if (length > int64_t(in_.size())) fail("a length beyond the end of the message");
    return length;
}

int64_t Reader::text_length(bool compact) {
    int64_t size = compact ? int64_t(unsigned_varint()) - 1 : number<int16_t>();
    if (size > int64_t(string_size_max)) fail("a string of more than 32767 bytes");
    return checked(size);
}

int64_t Reader::length(bool compact) {
    return checked(compact ? int64_t(unsigned_varint()) - 1 : number<int32_t>());
}

size_t Reader::required_length(bool compact) {
    int64_t size = length(compact);
    if (size < 0) fail("null where a value is required");
    return size_t(size);
}

size_t Reader::required_text_length(bool compact) {
    int64_t size = text_length(compact);
    if (size < 0) fail("null where a value is required");
    return size_t(size);
}

std::string Reader::text(size_t size) {
    std::string text(text_of(take(size)));
    if (!is_utf8(text)) fail("a string that is not UTF-8");
    return text;
}

int64_t Reader::array_length(bool compact) {
    int64_t count = length(compact);
    if (count <= 0) return count;
    if (size_t(count) > elements_left_) fail("more array elements than a message may have");
    elements_left_ -= size_t(count);
    return count;
}

size_t Reader::required_array_length(bool compact) {
    int64_t count = array_length(compact);
    if (count < 0) fail("null where a value is required");
    return size_t(count);
}

ByteView Reader::enter(size_t size) {
    ByteView inner = take(size);
    return std::exchange(in_, inner);
}

void Reader::leave(ByteView outer) {
    if (!in_.empty()) fail("a tagged field is longer than its value");
    in_ = outer;
}

}  // namespace stoker::protocol
