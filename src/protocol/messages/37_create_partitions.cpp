#include "protocol/messages/37_create_partitions.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<CreatePartitionsRequest>;
template struct MessageIo<CreatePartitionsResponse>;

}  // namespace stoker::protocol
