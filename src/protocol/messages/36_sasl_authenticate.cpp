#include "protocol/messages/36_sasl_authenticate.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<SaslAuthenticateRequest>;
template struct MessageIo<SaslAuthenticateResponse>;

}  // namespace stoker::protocol
