#include "protocol/messages/26_end_txn.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<EndTxnRequest>;
template struct MessageIo<EndTxnResponse>;

}  // namespace stoker::protocol
