#include "protocol/messages/60_describe_cluster.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeClusterRequest>;
template struct MessageIo<DescribeClusterResponse>;

}  // namespace stoker::protocol
