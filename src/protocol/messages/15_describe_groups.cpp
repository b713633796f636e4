#include "protocol/messages/15_describe_groups.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeGroupsRequest>;
template struct MessageIo<DescribeGroupsResponse>;

}  // namespace stoker::protocol
