#include "protocol/messages/29_describe_acls.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeAclsRequest>;
template struct MessageIo<DescribeAclsResponse>;

}  // namespace stoker::protocol
