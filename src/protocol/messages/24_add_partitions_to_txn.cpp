#include "protocol/messages/24_add_partitions_to_txn.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AddPartitionsToTxnRequest>;
template struct MessageIo<AddPartitionsToTxnResponse>;

}  // namespace stoker::protocol
