#include "protocol/messages/42_delete_groups.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DeleteGroupsRequest>;
template struct MessageIo<DeleteGroupsResponse>;

}  // namespace stoker::protocol
