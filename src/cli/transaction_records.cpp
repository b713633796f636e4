#include "cli/transaction_records.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<cli::TransactionLogKey>;
template struct MessageIo<cli::TransactionLogValue>;

}  // namespace stoker::protocol
