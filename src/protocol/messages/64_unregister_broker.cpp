#include "protocol/messages/64_unregister_broker.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<UnregisterBrokerRequest>;
template struct MessageIo<UnregisterBrokerResponse>;

}  // namespace stoker::protocol
