#include "protocol/messages/09_offset_fetch.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<OffsetFetchRequest>;
template struct MessageIo<OffsetFetchResponse>;

}  // namespace stoker::protocol
