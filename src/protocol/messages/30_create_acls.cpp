#include "protocol/messages/30_create_acls.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<CreateAclsRequest>;
template struct MessageIo<CreateAclsResponse>;

}  // namespace stoker::protocol
