#include "protocol/messages/02_list_offsets.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ListOffsetsRequest>;
template struct MessageIo<ListOffsetsResponse>;

}  // namespace stoker::protocol
