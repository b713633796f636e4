#include "protocol/messages/12_heartbeat.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<HeartbeatRequest>;
template struct MessageIo<HeartbeatResponse>;

}  // namespace stoker::protocol
