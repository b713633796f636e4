// The codecs' libraries behind one pair of functions. Snappy's two framings live in snappy.cpp.
//
// Against bombs: what the input itself declares (gzip's length field, zstd's content size, snappy's
// block lengths) is enough to refuse it, but never enough to allocate by. Where the size is not
// known the output grows in steps, and the first byte beyond the cap ends it.
#include "record/compression.hpp"

#include <libdeflate.h>
#include <lz4frame.h>
#include <lz4hc.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "record/snappy.hpp"

namespace stoker::record {
namespace {

constexpr size_t output_step_min = 4 << 10;
/// Apache Kafka's reader takes windows up to this, and its producers use them from level 20 on.
constexpr int zstd_window_log_max = 27;
/// A deflate stream cannot grow its input by more than this factor.
constexpr size_t deflate_ratio_max = 1032;
constexpr size_t gzip_size_min = 18;
/// Apache Kafka's number for the fast mode; its other numbers, 1 to 17, are the high compressor's.
constexpr int lz4_default_level = 9;

/// Output that grows with what is produced, to one byte beyond the cap, which shows that the cap
/// was exceeded. It grows by parts that are joined at the end: growing one buffer would copy it,
/// and touch fresh memory, again and again.
class Output {
public:
    Output(size_t input_size, size_t size_max)
        : limit_(std::min(size_max, SIZE_MAX - 1) + 1),
          part_(std::min(std::clamp(input_size * 4, output_step_min, output_step_max), limit_)) {}

    /// Where the codec may write: at least one byte. Not to be called once the cap is exceeded.
    MutableByteView room() {
        if (used_ == part_.size()) {
            joined_size_ += used_;
            used_ = 0;
            size_t size = std::clamp(joined_size_, output_step_min, output_step_max);
            full_.push_back(std::exchange(part_, Bytes(std::min(size, limit_ - joined_size_))));
        }
        return MutableByteView(part_).subspan(used_);
    }
    void add(size_t produced) { used_ += produced; }
    bool exceeded() const { return joined_size_ + used_ == limit_; }

    Result<Bytes> take() && {
        if (exceeded()) return fail(ErrorCode::corrupt_message);
        part_.resize(used_);
        if (full_.empty()) return std::move(part_);
        Bytes all;
        all.reserve(joined_size_ + used_);
        for (const Bytes& part : full_) all.insert(all.end(), part.begin(), part.end());
        all.insert(all.end(), part_.begin(), part_.end());
        return all;
    }

private:
    std::vector<Bytes> full_;
    size_t joined_size_ = 0;  // of the full parts
    size_t used_ = 0;         // of the part that is being filled
    size_t limit_;
    Bytes part_;
};

/// A one-member gzip of a moderate size that it states itself: the usual case, and three times as
/// fast this way.
std::optional<Bytes> gunzip_at_once(ByteView input, size_t stated_size) {
    struct Free {
        void operator()(libdeflate_decompressor* d) const { libdeflate_free_decompressor(d); }
    };
    std::unique_ptr<libdeflate_decompressor, Free> decompressor(libdeflate_alloc_decompressor());
    if (!decompressor) throw std::bad_alloc();
    Bytes output(stated_size);
    size_t read = 0;
    size_t written = 0;
    auto result =
        libdeflate_gzip_decompress_ex(decompressor.get(), input.data(), input.size(),
                                      output.data(), output.size(), &read, &written);
    if (result != LIBDEFLATE_SUCCESS || read != input.size() || written != stated_size)
        return std::nullopt;
    return output;
}

Result<Bytes> gunzip_stream(ByteView input, size_t size_max) {
    z_stream stream{};
    if (inflateInit2(&stream, MAX_WBITS + 16) != Z_OK) throw std::bad_alloc();
    auto end = [](z_stream* s) { inflateEnd(s); };
    std::unique_ptr<z_stream, decltype(end)> ended(&stream, end);

    Output output(input.size(), size_max);
    size_t at = 0;
    while (!output.exceeded()) {
        MutableByteView room = output.room();
        size_t offered = std::min<size_t>(input.size() - at, 1 << 30);
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(input.data() + at));
        stream.avail_in = uInt(offered);
        stream.next_out = reinterpret_cast<Bytef*>(room.data());
        stream.avail_out = uInt(room.size());
        int result = inflate(&stream, Z_NO_FLUSH);
        size_t read = offered - stream.avail_in;
        size_t written = room.size() - stream.avail_out;
        at += read;
        output.add(written);
        if (result == Z_STREAM_END) {
            if (at == input.size()) break;
            inflateReset(&stream);
        } else if (result != Z_OK || (read == 0 && written == 0)) {
            return fail(ErrorCode::corrupt_message);
        }
    }
    return std::move(output).take();
}

Result<Bytes> gunzip(ByteView input, size_t size_max) {
    if (input.size() < gzip_size_min) return fail(ErrorCode::corrupt_message);
    const std::byte* tail = input.data() + input.size() - 4;
    size_t stated_size = 0;
    for (int i = 3; i >= 0; --i) stated_size = stated_size << 8 | std::to_integer<size_t>(tail[i]);
    // Modulo 2^32 and of the last member only: the truth is never less.
    if (stated_size > size_max) return fail(ErrorCode::corrupt_message);
    if (stated_size <= output_step_max && stated_size / deflate_ratio_max <= input.size())
        if (auto output = gunzip_at_once(input, stated_size)) return std::move(*output);
    return gunzip_stream(input, size_max);
}

Result<Bytes> unlz4(ByteView input, size_t size_max) {
    struct Free {
        void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
    };
    LZ4F_dctx* created = nullptr;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&created, LZ4F_VERSION)))
        throw std::bad_alloc();
    std::unique_ptr<LZ4F_dctx, Free> context(created);

    Output output(input.size(), size_max);
    size_t at = 0;
    while (!output.exceeded()) {
        MutableByteView room = output.room();
        size_t read = input.size() - at;
        size_t written = room.size();
        size_t wanted = LZ4F_decompress(context.get(), room.data(), &written, input.data() + at,
                                        &read, nullptr);
        if (LZ4F_isError(wanted)) return fail(ErrorCode::corrupt_message);
        at += read;
        output.add(written);
        bool frame_ended = wanted == 0 && read > 0;
        if (frame_ended && at == input.size()) break;
        if (read == 0 && written == 0) return fail(ErrorCode::corrupt_message);
    }
    return std::move(output).take();
}

/// zstd's working memory, kept from one batch of a thread to the next: to make it anew is page
/// faults, which two threads of one process make in turn. A large one goes after its use.
template <class Context, Context* (*create)(), size_t (*free_context)(Context*),
          size_t (*size_of)(const Context*)>
class KeptContext {
public:
    KeptContext() {
        if (!kept()) kept().reset(create());
        if (!kept()) throw std::bad_alloc();
    }
    ~KeptContext() {
        if (size_of(get()) > kept_max) kept().reset();
    }
    KeptContext(const KeptContext&) = delete;
    KeptContext& operator=(const KeptContext&) = delete;

    Context* get() const { return kept().get(); }

private:
    static constexpr size_t kept_max = 2 << 20;
    struct Free {
        void operator()(Context* context) const { free_context(context); }
    };
    static std::unique_ptr<Context, Free>& kept() {
        static thread_local std::unique_ptr<Context, Free> context;
        return context;
    }
};
using ZstdCompression =
    KeptContext<ZSTD_CCtx, ZSTD_createCCtx, ZSTD_freeCCtx, ZSTD_sizeof_CCtx>;
using ZstdDecompression =
    KeptContext<ZSTD_DCtx, ZSTD_createDCtx, ZSTD_freeDCtx, ZSTD_sizeof_DCtx>;

Result<Bytes> unzstd(ByteView input, size_t size_max) {
    const ZstdDecompression context;
    // What a damaged batch left half done.
    ZSTD_DCtx_reset(context.get(), ZSTD_reset_session_only);
    ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, zstd_window_log_max);

    unsigned long long stated_size = ZSTD_getFrameContentSize(input.data(), input.size());
    if (stated_size == ZSTD_CONTENTSIZE_ERROR) return fail(ErrorCode::corrupt_message);
    bool states_size = stated_size != ZSTD_CONTENTSIZE_UNKNOWN;
    if (states_size && stated_size > size_max) return fail(ErrorCode::corrupt_message);
    if (states_size && stated_size <= output_step_max &&
        ZSTD_findFrameCompressedSize(input.data(), input.size()) == input.size()) {
        Bytes output(stated_size);
        size_t written = ZSTD_decompressDCtx(context.get(), output.data(), output.size(),
                                             input.data(), input.size());
        if (written != stated_size) return fail(ErrorCode::corrupt_message);
        return output;
    }

    Output output(input.size(), size_max);
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    while (!output.exceeded()) {
        MutableByteView room = output.room();
        ZSTD_outBuffer out{room.data(), room.size(), 0};
        size_t wanted = ZSTD_decompressStream(context.get(), &out, &in);
        if (ZSTD_isError(wanted)) return fail(ErrorCode::corrupt_message);
        output.add(out.pos);
        if (in.pos < in.size || out.pos == out.size) {
            if (wanted == 0 && in.pos == in.size) break;
            continue;
        }
        if (wanted != 0) return fail(ErrorCode::corrupt_message);
        break;
    }
    return std::move(output).take();
}

/// Kept as zstd's is; there is one for each level, of which the last stays.
libdeflate_compressor* gzip_compressor(int level) {
    struct Free {
        void operator()(libdeflate_compressor* c) const { libdeflate_free_compressor(c); }
    };
    static thread_local std::unique_ptr<libdeflate_compressor, Free> kept;
    static thread_local int kept_level = 0;
    if (!kept || kept_level != level) kept.reset(libdeflate_alloc_compressor(level));
    if (!kept) throw std::bad_alloc();
    kept_level = level;
    return kept.get();
}

Bytes gzip(ByteView input, int level) {
    bool by_default = level == default_level || level == -1;
    libdeflate_compressor* compressor = gzip_compressor(by_default ? 6 : std::clamp(level, 1, 9));
    Bytes output(libdeflate_gzip_compress_bound(compressor, input.size()));
    size_t size = libdeflate_gzip_compress(compressor, input.data(), input.size(), output.data(),
                                           output.size());
    STOKER_CHECK(size > 0, "libdeflate fits in its own bound");
    output.resize(size);
    return output;
}

LZ4F_preferences_t lz4_preferences(int level) {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max64KB;
    preferences.frameInfo.blockMode = LZ4F_blockIndependent;
    bool fast = level == default_level || level == lz4_default_level;
    preferences.compressionLevel = fast ? 0 : std::clamp(level, LZ4HC_CLEVEL_MIN, LZ4HC_CLEVEL_MAX);
    return preferences;
}

Bytes lz4(ByteView input, int level) {
    LZ4F_preferences_t preferences = lz4_preferences(level);
    Bytes output(LZ4F_compressFrameBound(input.size(), &preferences));
    size_t size = LZ4F_compressFrame(output.data(), output.size(), input.data(), input.size(),
                                     &preferences);
    STOKER_CHECK(!LZ4F_isError(size), "lz4 fits in its own bound");
    output.resize(size);
    return output;
}

Bytes zstd(ByteView input, int level) {
    Bytes output(ZSTD_compressBound(input.size()));
    level = level == default_level ? ZSTD_CLEVEL_DEFAULT
                                   : std::clamp(level, ZSTD_minCLevel(), ZSTD_maxCLevel());
    const ZstdCompression context;
    size_t size = ZSTD_compressCCtx(context.get(), output.data(), output.size(), input.data(),
                                    input.size(), level);
    if (ZSTD_isError(size)) throw std::bad_alloc();  // its bound holds: only memory is left
    output.resize(size);
    return output;
}

}  // namespace

Result<Bytes> decompress(Codec codec, ByteView input, size_t size_max) {
    switch (codec) {
        case Codec::none:
            if (input.size() > size_max) return fail(ErrorCode::corrupt_message);
            return to_bytes(input);
        case Codec::gzip: return gunzip(input, size_max);
        case Codec::snappy: return snappy_decompress(input, size_max);
        case Codec::lz4: return unlz4(input, size_max);
        case Codec::zstd: return unzstd(input, size_max);
    }
    return fail(ErrorCode::unsupported_compression_type);
}

Bytes compress(Codec codec, ByteView input, int level) {
    switch (codec) {
        case Codec::none: return to_bytes(input);
        case Codec::gzip: return gzip(input, level);
        case Codec::snappy: return snappy_compress(input);
        case Codec::lz4: return lz4(input, level);
        case Codec::zstd: return zstd(input, level);
    }
    STOKER_CHECK(false, "compress is given a Codec");
}

size_t compressed_size_max(Codec codec, size_t size) {
    switch (codec) {
        case Codec::none: return size;
        case Codec::gzip: return libdeflate_gzip_compress_bound(nullptr, size);
        case Codec::snappy: return snappy_compressed_size_max(size);
        case Codec::lz4: {
            LZ4F_preferences_t preferences = lz4_preferences(default_level);
            return LZ4F_compressFrameBound(size, &preferences);
        }
        case Codec::zstd: return ZSTD_compressBound(size);
    }
    STOKER_CHECK(false, "compressed_size_max is given a Codec");
}

}  // namespace stoker::record
