#include "protocol/messages/39_renew_delegation_token.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<RenewDelegationTokenRequest>;
template struct MessageIo<RenewDelegationTokenResponse>;

}  // namespace stoker::protocol
