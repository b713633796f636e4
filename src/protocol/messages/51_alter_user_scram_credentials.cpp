#include "protocol/messages/51_alter_user_scram_credentials.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AlterUserScramCredentialsRequest>;
template struct MessageIo<AlterUserScramCredentialsResponse>;

}  // namespace stoker::protocol
