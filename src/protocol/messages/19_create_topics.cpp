#include "protocol/messages/19_create_topics.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<CreateTopicsRequest>;
template struct MessageIo<CreateTopicsResponse>;

}  // namespace stoker::protocol
