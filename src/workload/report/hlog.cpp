#include "workload/report/hlog.hpp"

#include <zlib.h>

#include <bit>

#include "base/big_endian.hpp"
#include "base/check.hpp"

namespace stoker::workload {
namespace {

constexpr int32_t cookie_v2 = 0x1c849313;
constexpr int32_t cookie_v2_deflated = 0x1c849314;
constexpr int32_t significant_digits = 3;

template <class T>
void put(Bytes& out, T value) {
    out.resize(out.size() + sizeof(T));
    store_big_endian(out.data() + out.size() - sizeof(T), value);
}

/// Seven bits a byte, the least significant first, at most nine bytes: the last one has eight.
void put_zigzag(Bytes& out, int64_t value) {
    uint64_t left = uint64_t(value) << 1 ^ uint64_t(value >> 63);
    for (int i = 0; i < 8 && left > 0x7f; ++i, left >>= 7) out.push_back(std::byte(left | 0x80));
    out.push_back(std::byte(left));
}

std::string base64(ByteView bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (size_t i = 0; i < bytes.size(); i += 3) {
        uint32_t three = 0;
        for (size_t k = 0; k < 3; ++k)
            three = three << 8 | (i + k < bytes.size() ? uint32_t(bytes[i + k]) : 0);
        for (size_t k = 0; k < 4; ++k)
            text += i + k > bytes.size() ? '=' : digits[three >> (18 - 6 * k) & 63];
    }
    return text;
}

}  // namespace

Bytes encode_histogram(const load::Histogram& histogram) {
    Bytes payload;
    int64_t empty = 0;
    for (const int64_t count : histogram.counts()) {
        if (count == 0) {
            ++empty;
            continue;
        }
        // So many counters in a row that are empty are one negative number.
        if (empty > 0) put_zigzag(payload, -empty);
        put_zigzag(payload, count);
        empty = 0;
    }
    Bytes out;
    put(out, cookie_v2);
    put(out, int32_t(payload.size()));
    put(out, int32_t{0});  // the counters are not shifted
    put(out, significant_digits);
    put(out, int64_t{1});  // the lowest value that is told from 0
    put(out, load::Histogram::value_max);
    put(out, std::bit_cast<int64_t>(1.0));  // from counted integers to values
    out.insert(out.end(), payload.begin(), payload.end());
    return out;
}

std::string compressed_histogram(const load::Histogram& histogram) {
    const Bytes plain = encode_histogram(histogram);
    uLongf size = compressBound(uLong(plain.size()));
    Bytes deflated(size);
    const int done = compress(reinterpret_cast<Bytef*>(deflated.data()), &size,
                              reinterpret_cast<const Bytef*>(plain.data()), uLong(plain.size()));
    STOKER_CHECK(done == Z_OK, "compressBound bytes hold what is compressed");
    Bytes out;
    put(out, cookie_v2_deflated);
    put(out, int32_t(size));
    out.insert(out.end(), deflated.begin(), deflated.begin() + std::ptrdiff_t(size));
    return base64(out);
}

}  // namespace stoker::workload
