#include "protocol/messages/01_fetch.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<FetchRequest>;
template struct MessageIo<FetchResponse>;

}  // namespace stoker::protocol
