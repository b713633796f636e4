#include "protocol/messages/68_consumer_group_heartbeat.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ConsumerGroupHeartbeatRequest>;
template struct MessageIo<ConsumerGroupHeartbeatResponse>;

}  // namespace stoker::protocol
