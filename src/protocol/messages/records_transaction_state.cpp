#include "protocol/messages/records_transaction_state.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<TransactionLogKey>;
template struct MessageIo<TransactionLogValue>;

}  // namespace stoker::protocol
