#include "protocol/messages/33_alter_configs.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AlterConfigsRequest>;
template struct MessageIo<AlterConfigsResponse>;

}  // namespace stoker::protocol
