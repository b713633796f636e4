// Encoding and decoding of messages, declared: cheap to include and to call.
//
// The definitions are folds in codec.hpp; each messages/NN_name.cpp instantiates them once for its
// own messages. Calling them for a type that no such file names is a linker error.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "protocol/records.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

/// The other side sent bytes that are no such message. Its connection is not worth keeping.
struct MalformedMessage : std::runtime_error {
    using runtime_error::runtime_error;
};

/// A message of ours that its version cannot carry: our own mistake.
struct CannotEncode : std::logic_error {
    using logic_error::logic_error;
};

/// Where `size` external bytes belong: before bytes[at] of the Encoded (at the end when equal).
struct Splice {
    size_t at = 0;
    size_t size = 0;

    bool operator==(const Splice&) const = default;
};

struct Encoded {
    Bytes bytes;
    /// In ascending order; the i-th is that of the i-th external Records of the message.
    std::vector<Splice> splices;
};

/// A request's header, versions 1 and 2. The client id never has a compact length.
struct RequestHeader {
    static constexpr Api api{.key = -1, .name = "RequestHeader", .versions = {1, 2}, .flexible = 2};

    int16_t request_api_key = 0;
    int16_t request_api_version = 0;
    int32_t correlation_id = 0;
    std::optional<std::string> client_id = "";

    using Self = RequestHeader;
    static constexpr auto fields = Fields{
        field<&Self::request_api_key>,
        field<&Self::request_api_version>,
        field<&Self::correlation_id>,
        field<&Self::client_id, always_classic()>};
    bool operator==(const RequestHeader&) const = default;
};

struct ResponseHeader {
    static constexpr Api api{
        .key = -1, .name = "ResponseHeader", .versions = {0, 1}, .flexible = 1};

    int32_t correlation_id = 0;

    using Self = ResponseHeader;
    static constexpr auto fields = Fields{field<&Self::correlation_id>};
    bool operator==(const ResponseHeader&) const = default;
};

template <class T>
struct Element {
    using type = T;
};
template <class T>
struct Element<std::vector<T>> : Element<T> {};
template <class T>
struct Element<std::optional<T>> : Element<T> {};

/// Whether a decoded T holds views into the frame.
template <class T>
constexpr bool carries_records() {
    bool found = std::same_as<T, Records>;
    if constexpr (Structure<T>) {
        T::fields.each([&](auto f) {
            using Member = std::remove_cvref_t<decltype(std::declval<T>().*f.member)>;
            found = found || carries_records<typename Element<Member>::type>();
        });
    }
    return found;
}

/// What T is decoded from: mutable only where T keeps views into it.
template <class T>
using FrameOf = std::conditional_t<carries_records<T>(), MutableByteView, ByteView>;

/// The definitions lie in codec.hpp. Stateless: any thread.
template <Message T>
struct MessageIo {
    static T decode(FrameOf<T> bytes, int16_t version);
    static T decode_front(FrameOf<T> bytes, int16_t version);
    static Bytes encode(ByteView prefix, const T& message, int16_t version);
    static Bytes encode_request(const RequestHeader& header, const T& message);
    static Encoded encode_response(int32_t correlation_id, const T& message, int16_t version);
    static std::string print(const T& message);
};

/// The message that `bytes` are, no more and no less, in a version that T::api.versions contains.
/// Throws MalformedMessage.
template <Message T>
T decode(FrameOf<T> bytes, int16_t version) {
    return MessageIo<T>::decode(bytes, version);
}

/// The same, but what follows the message is ignored: for what a later version has lengthened.
template <Message T>
T decode_front(FrameOf<T> bytes, int16_t version) {
    return MessageIo<T>::decode_front(bytes, version);
}

/// The bare body. Throws CannotEncode, also for external Records.
template <Message T>
Bytes encode(const T& message, int16_t version) {
    return MessageIo<T>::encode({}, message, version);
}

/// A whole frame for the wire: size, header, body. External Records are refused.
template <Message T>
Bytes encode_request(int32_t correlation_id, std::optional<std::string> client_id,
                     const T& message, int16_t version) {
    return MessageIo<T>::encode_request({.request_api_key = T::api.key,
                                         .request_api_version = version,
                                         .correlation_id = correlation_id,
                                         .client_id = std::move(client_id)},
                                        message);
}

/// A whole frame for the wire: size (external bytes included), header, body.
template <Message T>
Encoded encode_response(int32_t correlation_id, const T& message, int16_t version) {
    return MessageIo<T>::encode_response(correlation_id, message, version);
}

/// One line for people, with the names of the members; secrets are ***.
template <Message T>
std::string print(const T& message) {
    return MessageIo<T>::print(message);
}

struct RequestFrame {
    RequestHeader header;
    MutableByteView body;
};
/// Splits a frame (without its size) into header and body. The header of an API that we do not know
/// is read as version 1, whose beginning is common to all. Throws MalformedMessage.
RequestFrame read_request_header(MutableByteView frame);

struct ResponseFrame {
    int32_t correlation_id = 0;
    MutableByteView body;
};
/// The same for an answer, whose header depends on what was asked. Throws MalformedMessage.
ResponseFrame read_response_header(MutableByteView frame, const Api& api, int16_t version);

}  // namespace stoker::protocol
