// What stands in front of the messages that are stored in records: which message it is, and in
// which version.
//
// - Keys of __consumer_offsets: int16 type (the key's Api::key), then the body in version 0.
// - Its values, and the members' own data in the group protocol: int16 version, then the body.
// - Records of the metadata log: three unsigned varints (frame version 1, type, version), the body.
#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "protocol/message_io.hpp"

namespace stoker::protocol {

/// A stored message before its body is decoded. `body` is a view into what was handed in.
struct StoredMessage {
    /// The record type of a metadata record; -1 where the place says what it is.
    int16_t type = -1;
    int16_t version = 0;
    ByteView body;
};

Bytes int16_prefix(int16_t value);
Bytes metadata_prefix(int16_t type, int16_t version);

template <Message T>
Bytes encode_key(const T& key) {
    return MessageIo<T>::encode(int16_prefix(T::api.key), key, 0);
}
template <Message T>
Bytes encode_value(const T& value, int16_t version) {
    return MessageIo<T>::encode(int16_prefix(version), value, version);
}
template <Message T>
Bytes encode_metadata_record(const T& record, int16_t version) {
    return MessageIo<T>::encode(metadata_prefix(T::api.key, version), record, version);
}

/// Each throws MalformedMessage. A type or version that we do not know is the caller's to judge.
/// A key's type is in `type`, its version is 0.
StoredMessage read_key(ByteView bytes);
StoredMessage read_value(ByteView bytes);
StoredMessage read_metadata_record(ByteView bytes);

}  // namespace stoker::protocol
