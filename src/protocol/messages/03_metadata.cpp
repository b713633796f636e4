#include "protocol/messages/03_metadata.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<MetadataRequest>;
template struct MessageIo<MetadataResponse>;

}  // namespace stoker::protocol
