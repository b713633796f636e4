// What must hold for any bytes that claim to be a request: they are malformed, or they are a
// message that can be encoded again and is then decoded to the same.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "protocol/message_io.hpp"

namespace stoker::protocol {

/// Two bytes choose the version, the rest is the body. Aborts when it does not hold; returns
/// whether the body was a message.
template <Message T>
bool check_request(ByteView input) {
    if (input.size() < sizeof(uint16_t)) return false;
    constexpr Versions versions = T::api.versions;
    auto choice = load_big_endian<uint16_t>(input.data());
    auto version = int16_t(versions.first + choice % (versions.last - versions.first + 1));
    Bytes body = to_bytes(input.subspan(sizeof choice));
    try {
        T message = decode<T>(body, version);
        Bytes again = encode(message, version);
        // Bytes are compared, since a double may be NaN and equals nothing then.
        STOKER_CHECK(encode(decode<T>(again, version), version) == again,
                     "what was decoded is encoded again");
        STOKER_CHECK(!print(message).empty(), "what was decoded can be printed");
        return true;
    } catch (const MalformedMessage&) {
        return false;
    }
}

}  // namespace stoker::protocol
