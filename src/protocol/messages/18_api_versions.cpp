#include "protocol/messages/18_api_versions.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ApiVersionsRequest>;
template struct MessageIo<ApiVersionsResponse>;

}  // namespace stoker::protocol
