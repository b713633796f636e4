#include "protocol/messages/65_describe_transactions.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeTransactionsRequest>;
template struct MessageIo<DescribeTransactionsResponse>;

}  // namespace stoker::protocol
