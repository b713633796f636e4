#include "protocol/messages/32_describe_configs.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeConfigsRequest>;
template struct MessageIo<DescribeConfigsResponse>;

}  // namespace stoker::protocol
