#include "protocol/messages/08_offset_commit.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<OffsetCommitRequest>;
template struct MessageIo<OffsetCommitResponse>;

}  // namespace stoker::protocol
