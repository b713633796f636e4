#include "protocol/messages/27_write_txn_markers.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<WriteTxnMarkersRequest>;
template struct MessageIo<WriteTxnMarkersResponse>;

}  // namespace stoker::protocol
