// The little cryptography that SASL needs, over OpenSSL's EVP: digests, HMAC, PBKDF2, comparison in
// constant time, randomness for secrets, and base64. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace stoker::security {

enum class Digest : uint8_t { sha_256, sha_512 };

/// Bytes of a digest: 32 or 64.
size_t size_of(Digest digest);
Bytes hash(Digest digest, ByteView data);
Bytes hmac(Digest digest, ByteView key, ByteView data);
/// RFC 2898 with HMAC, as RFC 5802's Hi(). As many bytes as the digest has.
Bytes pbkdf2(Digest digest, std::string_view password, ByteView salt, int32_t iterations);

/// Takes as long for equal bytes as for others of that size.
bool equal_in_constant_time(ByteView a, ByteView b);

/// From the operating system's generator.
Bytes random_bytes(size_t count);

/// The alphabet with + and /, padded.
std::string base64(ByteView bytes);
/// The reverse; nothing for what is not exactly that.
std::optional<Bytes> from_base64(std::string_view text);
/// The alphabet with - and _, without padding (RFC 7515).
std::string base64_url(ByteView bytes);
std::optional<Bytes> from_base64_url(std::string_view text);

}  // namespace stoker::security
