#include "protocol/messages/14_sync_group.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<SyncGroupRequest>;
template struct MessageIo<SyncGroupResponse>;

}  // namespace stoker::protocol
