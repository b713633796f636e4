#include "protocol/messages/55_describe_quorum.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeQuorumRequest>;
template struct MessageIo<DescribeQuorumResponse>;

}  // namespace stoker::protocol
