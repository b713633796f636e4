#include "protocol/messages/13_leave_group.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<LeaveGroupRequest>;
template struct MessageIo<LeaveGroupResponse>;

}  // namespace stoker::protocol
