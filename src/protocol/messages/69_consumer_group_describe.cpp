#include "protocol/messages/69_consumer_group_describe.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ConsumerGroupDescribeRequest>;
template struct MessageIo<ConsumerGroupDescribeResponse>;

}  // namespace stoker::protocol
