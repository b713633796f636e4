#include "protocol/messages/22_init_producer_id.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<InitProducerIdRequest>;
template struct MessageIo<InitProducerIdResponse>;

}  // namespace stoker::protocol
