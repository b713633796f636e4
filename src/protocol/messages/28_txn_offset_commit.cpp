#include "protocol/messages/28_txn_offset_commit.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<TxnOffsetCommitRequest>;
template struct MessageIo<TxnOffsetCommitResponse>;

}  // namespace stoker::protocol
