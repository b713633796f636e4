#include "protocol/messages/11_join_group.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<JoinGroupRequest>;
template struct MessageIo<JoinGroupResponse>;

}  // namespace stoker::protocol
