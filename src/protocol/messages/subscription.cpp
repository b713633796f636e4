#include "protocol/messages/subscription.hpp"

#include <algorithm>

#include "protocol/codec.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::protocol {

template struct MessageIo<ConsumerProtocolSubscription>;
template struct MessageIo<ConsumerProtocolAssignment>;

namespace {

template <Message T>
T read_leniently(ByteView bytes) {
    StoredMessage stored = read_value(bytes);
    return decode_front<T>(stored.body, std::min(stored.version, T::api.versions.last));
}

}  // namespace

ConsumerProtocolSubscription read_subscription(ByteView bytes) {
    return read_leniently<ConsumerProtocolSubscription>(bytes);
}

ConsumerProtocolAssignment read_assignment(ByteView bytes) {
    return read_leniently<ConsumerProtocolAssignment>(bytes);
}

}  // namespace stoker::protocol
