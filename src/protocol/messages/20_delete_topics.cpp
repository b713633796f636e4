#include "protocol/messages/20_delete_topics.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DeleteTopicsRequest>;
template struct MessageIo<DeleteTopicsResponse>;

}  // namespace stoker::protocol
