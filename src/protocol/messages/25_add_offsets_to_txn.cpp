#include "protocol/messages/25_add_offsets_to_txn.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AddOffsetsToTxnRequest>;
template struct MessageIo<AddOffsetsToTxnResponse>;

}  // namespace stoker::protocol
