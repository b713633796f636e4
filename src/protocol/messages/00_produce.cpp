#include "protocol/messages/00_produce.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ProduceRequest>;
template struct MessageIo<ProduceResponse>;

}  // namespace stoker::protocol
