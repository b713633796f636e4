#include "protocol/messages/17_sasl_handshake.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<SaslHandshakeRequest>;
template struct MessageIo<SaslHandshakeResponse>;

}  // namespace stoker::protocol
