#include "protocol/messages/46_list_partition_reassignments.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ListPartitionReassignmentsRequest>;
template struct MessageIo<ListPartitionReassignmentsResponse>;

}  // namespace stoker::protocol
