#include "protocol/messages/66_list_transactions.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ListTransactionsRequest>;
template struct MessageIo<ListTransactionsResponse>;

}  // namespace stoker::protocol
