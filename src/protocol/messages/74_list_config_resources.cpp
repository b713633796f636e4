#include "protocol/messages/74_list_config_resources.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ListConfigResourcesRequest>;
template struct MessageIo<ListConfigResourcesResponse>;

}  // namespace stoker::protocol
