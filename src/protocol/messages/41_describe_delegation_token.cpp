#include "protocol/messages/41_describe_delegation_token.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeDelegationTokenRequest>;
template struct MessageIo<DescribeDelegationTokenResponse>;

}  // namespace stoker::protocol
