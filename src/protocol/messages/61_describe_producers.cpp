#include "protocol/messages/61_describe_producers.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeProducersRequest>;
template struct MessageIo<DescribeProducersResponse>;

}  // namespace stoker::protocol
