#include "protocol/messages/40_expire_delegation_token.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ExpireDelegationTokenRequest>;
template struct MessageIo<ExpireDelegationTokenResponse>;

}  // namespace stoker::protocol
