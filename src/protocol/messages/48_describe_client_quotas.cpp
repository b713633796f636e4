#include "protocol/messages/48_describe_client_quotas.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeClientQuotasRequest>;
template struct MessageIo<DescribeClientQuotasResponse>;

}  // namespace stoker::protocol
