#include "protocol/messages/50_describe_user_scram_credentials.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeUserScramCredentialsRequest>;
template struct MessageIo<DescribeUserScramCredentialsResponse>;

}  // namespace stoker::protocol
