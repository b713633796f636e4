#include "security/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

#include "base/check.hpp"

namespace stoker::security {
namespace {

constexpr std::string_view standard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view for_urls =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr int8_t no_digit = -1;

using Digits = std::array<int8_t, 256>;

constexpr Digits digits_of(std::string_view alphabet) {
    Digits digits{};
    digits.fill(no_digit);
    for (size_t i = 0; i < alphabet.size(); ++i)
        digits[static_cast<unsigned char>(alphabet[i])] = int8_t(i);
    return digits;
}

constexpr Digits standard_digits = digits_of(standard);
constexpr Digits url_digits = digits_of(for_urls);

const EVP_MD* method(Digest digest) {
    return digest == Digest::sha_256 ? EVP_sha256() : EVP_sha512();
}

const unsigned char* plain(ByteView bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* plain(Bytes& bytes) {
    return reinterpret_cast<unsigned char*>(bytes.data());
}

std::string encode(ByteView bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    uint32_t held = 0;
    int bits = 0;
    for (std::byte b : bytes) {
        held = held << 8 | std::to_integer<uint32_t>(b);
        for (bits += 8; bits >= 6; bits -= 6) text += alphabet[held >> (bits - 6) & 63];
    }
    if (bits > 0) text += alphabet[held << (6 - bits) & 63];
    return text;
}

/// Bits that are left over must be zero: each value has one text.
std::optional<Bytes> decode(std::string_view text, const Digits& digits) {
    if (text.size() % 4 == 1) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() * 3 / 4);
    uint32_t held = 0;
    int bits = 0;
    for (char c : text) {
        int8_t digit = digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        held = held << 6 | uint32_t(digit);
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes.push_back(std::byte(held >> bits & 255));
    }
    if ((held & ((1u << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace

size_t size_of(Digest digest) {
    return digest == Digest::sha_256 ? 32 : 64;
}

Bytes hash(Digest digest, ByteView data) {
    Bytes result(size_of(digest));
    int done = EVP_Digest(data.data(), data.size(), plain(result), nullptr, method(digest),
                          nullptr);
    STOKER_CHECK(done == 1, "OpenSSL has no such digest");
    return result;
}

Bytes hmac(Digest digest, ByteView key, ByteView data) {
    Bytes result(size_of(digest));
    // OpenSSL takes a null key for "the one of before".
    static const std::byte none{};
    const std::byte* from = key.empty() ? &none : key.data();
    auto* done = HMAC(method(digest), from, int(key.size()), plain(data), data.size(),
                      plain(result), nullptr);
    STOKER_CHECK(done != nullptr, "HMAC failed");
    return result;
}

Bytes pbkdf2(Digest digest, std::string_view password, ByteView salt, int32_t iterations) {
    Bytes key(size_of(digest));
    int done = PKCS5_PBKDF2_HMAC(password.data(), int(password.size()), plain(salt),
                                 int(salt.size()), iterations, method(digest), int(key.size()),
                                 plain(key));
    STOKER_CHECK(done == 1, "PBKDF2 failed");
    return key;
}

bool equal_in_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Bytes random_bytes(size_t count) {
    Bytes bytes(count);
    STOKER_CHECK(RAND_bytes(plain(bytes), int(count)) == 1, "there is no randomness");
    return bytes;
}

std::string base64(ByteView bytes) {
    std::string text = encode(bytes, standard);
    while (text.size() % 4 != 0) text += '=';
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
    return decode(text, standard_digits);
}

std::string base64_url(ByteView bytes) {
    return encode(bytes, for_urls);
}

std::optional<Bytes> from_base64_url(std::string_view text) {
    return decode(text, url_digits);
}

}  // namespace stoker::security
