#include "record/compression.hpp"

#include <gtest/gtest.h>
#include <lz4frame.h>
#include <malloc.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "base/big_endian.hpp"
#include "base/random.hpp"

namespace stoker::record {
namespace {

constexpr Codec codecs[] = {Codec::gzip, Codec::snappy, Codec::lz4, Codec::zstd};
constexpr size_t unlimited = size_t(1) << 40;

Bytes text(size_t size) {
    Bytes bytes(size);
    for (size_t i = 0; i < size; ++i) bytes[i] = std::byte("a sentence that repeats. "[i % 25]);
    return bytes;
}

Bytes noise(size_t size, uint64_t seed) {
    Random random(seed);
    Bytes bytes(size);
    for (std::byte& b : bytes) b = std::byte(random.below(256));
    return bytes;
}

Bytes joined(ByteView a, ByteView b) {
    Bytes bytes = to_bytes(a);
    bytes.insert(bytes.end(), b.begin(), b.end());
    return bytes;
}

Bytes raw_snappy(ByteView input) {
    size_t size = snappy_max_compressed_length(input.size());
    Bytes output(size);
    snappy_compress(reinterpret_cast<const char*>(input.data()), input.size(),
                    reinterpret_cast<char*>(output.data()), &size);
    output.resize(size);
    return output;
}

const Bytes xerial_header = from_hex("82534e41505059000000000100000001");

Bytes xerial_block(ByteView input) {
    Bytes compressed = raw_snappy(input);
    Bytes block(4);
    store_big_endian(block.data(), int32_t(compressed.size()));
    return joined(block, compressed);
}

TEST(Compression, gives_back_what_it_was_given) {
    for (Codec codec : codecs) {
        for (size_t size : {0, 1, 100, 32'767, 32'768, 32'769, 65'536, 1'000'000, 9'000'000}) {
            Bytes input = joined(text(size / 2), noise(size - size / 2, size));
            Bytes compressed = compress(codec, input);
            ASSERT_LE(compressed.size(), compressed_size_max(codec, size));
            Result<Bytes> output = decompress(codec, compressed, size);
            ASSERT_TRUE(output.has_value()) << int(codec) << ' ' << size;
            ASSERT_TRUE(equal(*output, input)) << int(codec) << ' ' << size;
        }
    }
}

TEST(Compression, survives_random_inputs_of_random_sizes) {
    Random random;
    for (int i = 0; i < 200; ++i) {
        Bytes input = noise(random.below(40'000), random.next());
        for (std::byte& b : input) b &= std::byte{0x13};
        for (Codec codec : codecs) {
            Result<Bytes> output = decompress(codec, compress(codec, input), input.size());
            ASSERT_TRUE(output && equal(*output, input)) << "seed " << random.seed();
        }
    }
}

TEST(Compression, takes_any_level_for_the_nearest_one_it_has) {
    Bytes input = text(10'000);
    for (Codec codec : codecs)
        for (int level : {-1'000'000, -1, 0, 1, 3, 9, 17, 22, 1'000'000})
            ASSERT_TRUE(equal(decompress(codec, compress(codec, input, level), 10'000).value(),
                              input))
                << int(codec) << ' ' << level;
}

TEST(Compression, works_harder_at_a_higher_level) {
    Bytes input = noise(200'000, 5);
    for (std::byte& b : input) b &= std::byte{0x07};
    EXPECT_LT(compress(Codec::gzip, input, 9).size(), compress(Codec::gzip, input, 1).size());
    EXPECT_LT(compress(Codec::lz4, input, 12).size(), compress(Codec::lz4, input).size());
    EXPECT_LT(compress(Codec::zstd, input, 19).size(), compress(Codec::zstd, input, 1).size());
}

TEST(Compression, none_copies_and_keeps_to_the_cap) {
    Bytes input = text(10);
    EXPECT_TRUE(equal(decompress(Codec::none, input, 10).value(), input));
    EXPECT_EQ(decompress(Codec::none, input, 9).error(), ErrorCode::corrupt_message);
    EXPECT_TRUE(equal(compress(Codec::none, input), input));
}

TEST(Decompress, answers_an_unknown_codec_with_an_error) {
    for (int number : {5, 6, 7, 255})
        EXPECT_EQ(decompress(Codec(number), text(10), 10).error(),
                  ErrorCode::unsupported_compression_type);
}

TEST(Decompress, allows_exactly_the_cap_and_not_a_byte_more) {
    for (Codec codec : codecs) {
        for (size_t size : {1, 5'000, 70'000, 5'000'000}) {
            Bytes compressed = compress(codec, text(size));
            EXPECT_TRUE(decompress(codec, compressed, size).has_value()) << int(codec);
            EXPECT_EQ(decompress(codec, compressed, size - 1).error(),
                      ErrorCode::corrupt_message)
                << int(codec) << ' ' << size;
        }
    }
}

TEST(Decompress, refuses_every_truncation) {
    for (Codec codec : codecs) {
        // Small enough that snappy has one block: cut between blocks, a stream is whole but
        // shorter.
        Bytes compressed = compress(codec, text(3'000));
        for (size_t size = 0; size < compressed.size(); ++size) {
            if (codec == Codec::snappy && size == xerial_header.size()) continue;
            ASSERT_EQ(decompress(codec, ByteView(compressed).first(size), unlimited).error(),
                      ErrorCode::corrupt_message)
                << int(codec) << ' ' << size;
        }
    }
}

TEST(Decompress, refuses_anything_behind_the_end) {
    for (Codec codec : codecs)
        for (const char* tail : {"00", "0000000000", "ffffffffffffffff"})
            EXPECT_EQ(decompress(codec, joined(compress(codec, text(3'000)), from_hex(tail)),
                                 unlimited)
                          .error(),
                      ErrorCode::corrupt_message)
                << int(codec) << ' ' << tail;
}

TEST(Decompress, never_gives_other_bytes_for_a_bit_flip_that_a_checksum_covers) {
    Bytes input = text(3'000);
    Bytes compressed = compress(Codec::gzip, input);
    for (size_t bit = 0; bit < compressed.size() * 8; ++bit) {
        compressed[bit / 8] ^= std::byte(1 << bit % 8);
        Result<Bytes> output = decompress(Codec::gzip, compressed, unlimited);
        EXPECT_TRUE(!output || equal(*output, input)) << bit;  // some header fields mean nothing
        compressed[bit / 8] ^= std::byte(1 << bit % 8);
    }
}

TEST(Decompress, stays_within_the_cap_whatever_the_bytes) {
    Random random;
    for (int i = 0; i < 4'000; ++i) {
        Codec codec = codecs[random.below(4)];
        Bytes input = compress(codec, text(random.below(2'000)));
        for (uint64_t flips = random.below(4) + 1; flips > 0; --flips)
            input[random.below(input.size())] = std::byte(random.below(256));
        Result<Bytes> output = decompress(codec, input, 4'000);
        ASSERT_TRUE(!output || output->size() <= 4'000) << "seed " << random.seed();
    }
}

TEST(Decompress, takes_gzip_members_lz4_frames_and_zstd_frames_behind_one_another) {
    Bytes a = text(5'000);
    Bytes b = noise(300, 1);
    for (Codec codec : {Codec::gzip, Codec::lz4, Codec::zstd}) {
        Bytes both = joined(compress(codec, a), compress(codec, b));
        Result<Bytes> output = decompress(codec, both, 5'300);
        ASSERT_TRUE(output.has_value()) << int(codec);
        EXPECT_TRUE(equal(*output, joined(a, b)));
        EXPECT_FALSE(decompress(codec, both, 5'299)) << int(codec);
        Bytes equal_parts = joined(compress(codec, b), compress(codec, b));
        EXPECT_TRUE(equal(decompress(codec, equal_parts, 600).value(), joined(b, b)));
    }
}

TEST(Compression, makes_lz4_frames_of_independent_blocks_because_java_reads_no_others) {
    Bytes frame = compress(Codec::lz4, text(200'000));
    EXPECT_EQ(hex(ByteView(frame).first(4)), "04224d18");
    EXPECT_EQ(frame[4] & std::byte{0x20}, std::byte{0x20});
}

TEST(Decompress, takes_lz4_with_linked_blocks_checksums_and_a_content_size) {
    Bytes input = joined(text(300'000), noise(1'000, 2));
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockMode = LZ4F_blockLinked;
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    preferences.frameInfo.blockChecksumFlag = LZ4F_blockChecksumEnabled;
    preferences.frameInfo.contentSize = input.size();
    Bytes frame(LZ4F_compressFrameBound(input.size(), &preferences));
    frame.resize(LZ4F_compressFrame(frame.data(), frame.size(), input.data(), input.size(),
                                    &preferences));
    EXPECT_TRUE(equal(decompress(Codec::lz4, frame, input.size()).value(), input));
    frame.back() ^= std::byte{1};
    EXPECT_FALSE(decompress(Codec::lz4, frame, input.size()));
}

TEST(Decompress, takes_a_zstd_stream_that_does_not_state_its_size) {
    Bytes input = text(6'000'000);
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
    Bytes frame(ZSTD_compressBound(input.size()));
    ZSTD_outBuffer out{frame.data(), frame.size(), 0};
    for (size_t at = 0; at < input.size(); at += 1'000'000) {
        ZSTD_inBuffer in{input.data() + at, 1'000'000, 0};
        bool last = at + 1'000'000 == input.size();
        ZSTD_compressStream2(context, &out, &in, last ? ZSTD_e_end : ZSTD_e_flush);
    }
    ZSTD_freeCCtx(context);
    frame.resize(out.pos);
    ASSERT_EQ(ZSTD_getFrameContentSize(frame.data(), frame.size()), ZSTD_CONTENTSIZE_UNKNOWN);
    EXPECT_TRUE(equal(decompress(Codec::zstd, frame, input.size()).value(), input));
    EXPECT_FALSE(decompress(Codec::zstd, frame, input.size() - 1));
}

TEST(Decompress, refuses_a_zstd_window_beyond_128_mib) {
    // Magic, a frame header descriptor with a window byte (exponent 18: 256 MiB), one raw block.
    EXPECT_FALSE(decompress(Codec::zstd, from_hex("28b52ffd00900900006b"), unlimited));
    EXPECT_EQ(hex(decompress(Codec::zstd, from_hex("28b52ffd00880900006b"), unlimited).value()),
              "6b");
}

TEST(Snappy, is_read_in_both_framings) {
    for (size_t size : {0, 1, 40'000, 6'000'000}) {
        Bytes input = text(size);
        EXPECT_TRUE(equal(decompress(Codec::snappy, raw_snappy(input), size).value(), input));
        Bytes framed = joined(xerial_header, xerial_block(input));
        EXPECT_TRUE(equal(decompress(Codec::snappy, framed, size).value(), input));
    }
}

TEST(Snappy, is_written_in_xerials_framing) {
    Bytes compressed = compress(Codec::snappy, text(100));
    EXPECT_EQ(hex(ByteView(compressed).first(16)), hex(xerial_header));
    EXPECT_EQ(load_big_endian<int32_t>(compressed.data() + 16), int32_t(compressed.size() - 20));
}

TEST(Snappy, streams_may_follow_one_another) {
    Bytes stream = joined(xerial_header, xerial_block(text(10)));
    Bytes twice = joined(stream, stream);
    EXPECT_TRUE(equal(decompress(Codec::snappy, twice, 20).value(), joined(text(10), text(10))));
    EXPECT_FALSE(decompress(Codec::snappy, twice, 19));
}

TEST(Snappy, refuses_headers_and_blocks_that_lie) {
    auto refused = [](const Bytes& bytes) {
        return decompress(Codec::snappy, bytes, unlimited).error() == ErrorCode::corrupt_message;
    };
    EXPECT_TRUE(refused({}));
    EXPECT_TRUE(refused(from_hex("82534e41505059000000000000000001")));  // version 0
    EXPECT_TRUE(refused(joined(xerial_header, from_hex("ffffffff"))));
    EXPECT_TRUE(refused(joined(xerial_header, from_hex("7fffffff"))));
    EXPECT_TRUE(refused(joined(xerial_header, from_hex("00000000"))));  // not even a length
    EXPECT_TRUE(refused(from_hex("ffffffff0f00")));  // 4 GiB stated, nothing there
}

/// How much memory the process took at most since the watch began, beyond what it had then.
class MemoryWatch {
public:
    MemoryWatch() {
        malloc_trim(0);
        std::ofstream("/proc/self/clear_refs") << "5";  // the peak starts anew
        start_kib_ = peak_kib();
    }
    int64_t grown_mib() const { return (peak_kib() - start_kib_) >> 10; }

private:
    static int64_t peak_kib() {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);)
            if (line.starts_with("VmHWM:")) return std::stoll(line.substr(6));
        return 0;
    }
    int64_t start_kib_;
};

constexpr bool memory_is_our_own =
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    false;  // what is freed stays in quarantine
#else
    true;
#endif

TEST(MemoryWatch, sees_memory_that_is_touched) {
    if (!memory_is_our_own) GTEST_SKIP() << "a sanitizer keeps freed memory";
    { Bytes earlier(200 << 20, std::byte{1}); }
    MemoryWatch watch;
    Bytes touched(40 << 20, std::byte{1});
    EXPECT_GE(watch.grown_mib(), 39);
    EXPECT_LE(watch.grown_mib(), 42);
}

Bytes gzip_bomb() {
    // 40 MiB of zeros and then a stored size that says 100 bytes.
    Bytes bomb = compress(Codec::gzip, Bytes(40 << 20));
    std::fill(bomb.end() - 4, bomb.end(), std::byte{0});
    *(bomb.end() - 4) = std::byte{100};
    return bomb;
}

Bytes zstd_bomb() {
    // 1 MiB: a frame of RLE blocks, 128 KiB each, that states no size; it would be 32 GiB.
    Bytes bomb = from_hex("28b52ffd0088");
    Bytes block = from_hex("02001000");
    while (bomb.size() < 1 << 20) bomb.insert(bomb.end(), block.begin(), block.end());
    return bomb;
}

Bytes snappy_bomb() {
    Bytes bomb = xerial_header;
    Bytes block = xerial_block(Bytes(20 << 20));
    while (bomb.size() < 4 << 20) bomb = joined(bomb, block);
    return bomb;
}

Bytes bomb(Codec codec) {
    if (codec == Codec::gzip) return gzip_bomb();
    if (codec == Codec::snappy) return snappy_bomb();
    if (codec == Codec::zstd) return zstd_bomb();
    return compress(codec, Bytes(200 << 20));
}

class Bombs : public testing::TestWithParam<Codec> {};

TEST_P(Bombs, cost_no_more_than_the_cap_and_a_step) {
    Bytes input = bomb(GetParam());
    MemoryWatch watch;
    EXPECT_EQ(decompress(GetParam(), input, 4 << 20).error(), ErrorCode::corrupt_message);
    int64_t allowed_mib = memory_is_our_own ? 16 : 1 << 10;
    EXPECT_LE(watch.grown_mib(), allowed_mib);
}

INSTANTIATE_TEST_SUITE_P(Codecs, Bombs, testing::ValuesIn(codecs));

Bytes lz4_header_that_states(uint64_t size) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max4MB;
    preferences.frameInfo.contentSize = size;
    LZ4F_cctx* context = nullptr;
    LZ4F_createCompressionContext(&context, LZ4F_VERSION);
    Bytes header(LZ4F_HEADER_SIZE_MAX);
    header.resize(LZ4F_compressBegin(context, header.data(), header.size(), &preferences));
    LZ4F_freeCompressionContext(context);
    return header;
}

TEST(Decompress, gives_no_memory_for_a_size_that_is_only_stated) {
    Bytes gzip = compress(Codec::gzip, Bytes(100));
    store_big_endian(gzip.data() + gzip.size() - 4, uint32_t(0x0000ff0f));  // 268 MB, reversed
    Bytes snappy = from_hex("808080800100");                                // 256 MiB
    Bytes lz4 = lz4_header_that_states(uint64_t(1) << 40);
    // 1 GiB in a zstd frame header with an 8-byte content size, and a window of 128 MiB.
    Bytes zstd = from_hex("28b52ffdc08800000040000000000900006b");
    MemoryWatch watch;
    EXPECT_FALSE(decompress(Codec::gzip, gzip, unlimited));
    EXPECT_FALSE(decompress(Codec::snappy, snappy, unlimited));
    EXPECT_FALSE(decompress(Codec::lz4, lz4, unlimited));
    EXPECT_FALSE(decompress(Codec::zstd, zstd, unlimited));
    int64_t allowed_mib = memory_is_our_own ? 16 : 1 << 10;
    EXPECT_LE(watch.grown_mib(), allowed_mib);
}

TEST(Decompress, gives_memory_in_steps_where_the_size_is_not_known) {
    for (Codec codec : {Codec::gzip, Codec::lz4, Codec::zstd}) {
        // Two parts of 5 MB, so that none of them tells the size of all; the end is missing.
        Bytes half = compress(codec, text(5'000'000));
        Bytes input = joined(half, ByteView(half).first(half.size() - 4));
        MemoryWatch watch;
        EXPECT_FALSE(decompress(codec, input, unlimited));
        int64_t allowed_mib = memory_is_our_own ? 18 : 1 << 10;
        EXPECT_LE(watch.grown_mib(), allowed_mib) << int(codec);
    }
}

}  // namespace
}  // namespace stoker::record
