#include "protocol/messages/44_incremental_alter_configs.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<IncrementalAlterConfigsRequest>;
template struct MessageIo<IncrementalAlterConfigsResponse>;

}  // namespace stoker::protocol
