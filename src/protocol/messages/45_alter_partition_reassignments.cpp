#include "protocol/messages/45_alter_partition_reassignments.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AlterPartitionReassignmentsRequest>;
template struct MessageIo<AlterPartitionReassignmentsResponse>;

}  // namespace stoker::protocol
