#include "protocol/messages/records_scram.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<UserScramCredentialRecord>;
template struct MessageIo<RemoveUserScramCredentialRecord>;

}  // namespace stoker::protocol
