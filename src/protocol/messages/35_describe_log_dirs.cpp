#include "protocol/messages/35_describe_log_dirs.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<DescribeLogDirsRequest>;
template struct MessageIo<DescribeLogDirsResponse>;

}  // namespace stoker::protocol
