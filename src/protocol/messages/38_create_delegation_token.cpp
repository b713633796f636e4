#include "protocol/messages/38_create_delegation_token.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<CreateDelegationTokenRequest>;
template struct MessageIo<CreateDelegationTokenResponse>;

}  // namespace stoker::protocol
