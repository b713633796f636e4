#include "protocol/messages/31_delete_acls.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DeleteAclsRequest>;
template struct MessageIo<DeleteAclsResponse>;

}  // namespace stoker::protocol
