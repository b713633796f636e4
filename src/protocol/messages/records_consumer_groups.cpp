#include "protocol/messages/records_consumer_groups.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ConsumerGroupMetadataKey>;
template struct MessageIo<ConsumerGroupMetadataValue>;
template struct MessageIo<ConsumerGroupPartitionMetadataKey>;
template struct MessageIo<ConsumerGroupPartitionMetadataValue>;
template struct MessageIo<ConsumerGroupMemberMetadataKey>;
template struct MessageIo<ConsumerGroupMemberMetadataValue>;
template struct MessageIo<ConsumerGroupTargetAssignmentMetadataKey>;
template struct MessageIo<ConsumerGroupTargetAssignmentMetadataValue>;
template struct MessageIo<ConsumerGroupTargetAssignmentMemberKey>;
template struct MessageIo<ConsumerGroupTargetAssignmentMemberValue>;
template struct MessageIo<ConsumerGroupCurrentMemberAssignmentKey>;
template struct MessageIo<ConsumerGroupCurrentMemberAssignmentValue>;
template struct MessageIo<ConsumerGroupRegularExpressionKey>;
template struct MessageIo<ConsumerGroupRegularExpressionValue>;

}  // namespace stoker::protocol
