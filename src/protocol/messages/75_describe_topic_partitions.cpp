#include "protocol/messages/75_describe_topic_partitions.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeTopicPartitionsRequest>;
template struct MessageIo<DescribeTopicPartitionsResponse>;

}  // namespace stoker::protocol
