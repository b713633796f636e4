#include "protocol/messages/records_consumer_offsets.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<OffsetCommitKey>;
template struct MessageIo<OffsetCommitValue>;
template struct MessageIo<GroupMetadataKey>;
template struct MessageIo<GroupMetadataValue>;

}  // namespace stoker::protocol
