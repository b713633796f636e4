#include "protocol/messages/47_offset_delete.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<OffsetDeleteRequest>;
template struct MessageIo<OffsetDeleteResponse>;

}  // namespace stoker::protocol
