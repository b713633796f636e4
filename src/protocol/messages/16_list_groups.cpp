#include "protocol/messages/16_list_groups.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ListGroupsRequest>;
template struct MessageIo<ListGroupsResponse>;

}  // namespace stoker::protocol
