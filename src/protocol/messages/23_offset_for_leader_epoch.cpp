#include "protocol/messages/23_offset_for_leader_epoch.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<OffsetForLeaderEpochRequest>;
template struct MessageIo<OffsetForLeaderEpochResponse>;

}  // namespace stoker::protocol
