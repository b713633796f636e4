// Xerial's framing: a header of 16 bytes (magic, version, least version of a reader, big-endian
// int32 each), then blocks, each an int32 length and a raw snappy block. A header may come again
// where a block could start: that is what writing two streams behind one another gives.
#include "record/snappy.hpp"

#include <snappy-c.h>

#include <algorithm>
#include <array>

#include "base/big_endian.hpp"
#include "base/check.hpp"
#include "record/compression.hpp"

namespace stoker::record {
namespace {

constexpr std::array<std::byte, 8> magic = {
    std::byte{0x82}, std::byte{'S'}, std::byte{'N'}, std::byte{'A'},
    std::byte{'P'},  std::byte{'P'}, std::byte{'Y'}, std::byte{0}};
constexpr size_t stream_header_size = 16;
constexpr int32_t stream_version = 1;
constexpr size_t block_size = 32 << 10;
constexpr size_t length_size = 4;

const char* chars(const std::byte* bytes) { return reinterpret_cast<const char*>(bytes); }
char* chars(std::byte* bytes) { return reinterpret_cast<char*>(bytes); }

bool starts_with_magic(ByteView input) {
    return input.size() >= magic.size() && equal(input.first(magic.size()), magic);
}

/// Calls visit(raw block) for each block of a stream until one fails.
template <class Visitor>
Result<void> for_each_block(ByteView input, Visitor&& visit) {
    if (!starts_with_magic(input)) return visit(input);
    while (!input.empty()) {
        if (starts_with_magic(input)) {
            if (input.size() < stream_header_size ||
                load_big_endian<int32_t>(input.data() + magic.size()) < stream_version)
                return fail(ErrorCode::corrupt_message);
            input = input.subspan(stream_header_size);
            continue;
        }
        if (input.size() < length_size) return fail(ErrorCode::corrupt_message);
        auto length = load_big_endian<int32_t>(input.data());
        if (length < 0 || size_t(length) > input.size() - length_size)
            return fail(ErrorCode::corrupt_message);
        if (Result<void> good = visit(input.subspan(length_size, size_t(length))); !good)
            return good;
        input = input.subspan(length_size + size_t(length));
    }
    return {};
}

/// The sum of what the blocks state, if it is size_max or less.
Result<size_t> stated_size(ByteView input, size_t size_max) {
    size_t total = 0;
    Result<void> good = for_each_block(input, [&](ByteView block) -> Result<void> {
        size_t size = 0;
        if (snappy_uncompressed_length(chars(block.data()), block.size(), &size) != SNAPPY_OK ||
            size > size_max - total)
            return fail(ErrorCode::corrupt_message);
        total += size;
        return {};
    });
    if (!good) return fail(good.error());
    return total;
}

/// Whether every block keeps its word; no output is made.
Result<void> check_blocks(ByteView input) {
    return for_each_block(input, [](ByteView block) -> Result<void> {
        if (snappy_validate_compressed_buffer(chars(block.data()), block.size()) != SNAPPY_OK)
            return fail(ErrorCode::corrupt_message);
        return {};
    });
}

Result<Bytes> uncompress(ByteView input, size_t total) {
    Bytes output(total);
    size_t at = 0;
    Result<void> good = for_each_block(input, [&](ByteView block) -> Result<void> {
        // The sizes were summed up before: each block finds the room that it states.
        size_t size = output.size() - at;
        if (snappy_uncompress(chars(block.data()), block.size(), chars(output.data() + at),
                              &size) != SNAPPY_OK)
            return fail(ErrorCode::corrupt_message);
        at += size;
        return {};
    });
    if (!good) return fail(good.error());
    return output;
}

}  // namespace

Result<Bytes> snappy_decompress(ByteView input, size_t size_max) {
    Result<size_t> total = stated_size(input, size_max);
    if (!total) return fail(total.error());
    // What is worth more than one step of memory must prove itself first.
    if (*total > output_step_max)
        if (Result<void> good = check_blocks(input); !good) return fail(good.error());
    return uncompress(input, *total);
}

Bytes snappy_compress(ByteView input) {
    Bytes output(snappy_compressed_size_max(input.size()));
    std::byte* at = std::copy(magic.begin(), magic.end(), output.data());
    store_big_endian(at, stream_version);
    store_big_endian(at + 4, stream_version);
    at += 8;
    while (!input.empty()) {
        ByteView part = input.first(std::min(input.size(), block_size));
        size_t size = snappy_max_compressed_length(part.size());
        snappy_status status = ::snappy_compress(chars(part.data()), part.size(),
                                                 chars(at + length_size), &size);
        STOKER_CHECK(status == SNAPPY_OK, "snappy fits in its own bound");
        store_big_endian(at, int32_t(size));
        at += length_size + size;
        input = input.subspan(part.size());
    }
    output.resize(size_t(at - output.data()));
    return output;
}

size_t snappy_compressed_size_max(size_t size) {
    size_t whole = size / block_size;
    size_t rest = size % block_size;
    return stream_header_size + whole * (length_size + snappy_max_compressed_length(block_size)) +
           length_size + snappy_max_compressed_length(rest);
}

}  // namespace stoker::record
