#include "protocol/messages/records_control.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<EndTxnMarker>;
template struct MessageIo<LeaderChangeMessage>;
template struct MessageIo<SnapshotHeaderRecord>;
template struct MessageIo<SnapshotFooterRecord>;
template struct MessageIo<KRaftVersionRecord>;
template struct MessageIo<VotersRecord>;

}  // namespace stoker::protocol
