#include "protocol/messages/21_delete_records.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DeleteRecordsRequest>;
template struct MessageIo<DeleteRecordsResponse>;

}  // namespace stoker::protocol
