#include "protocol/messages/49_alter_client_quotas.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AlterClientQuotasRequest>;
template struct MessageIo<AlterClientQuotasResponse>;

}  // namespace stoker::protocol
