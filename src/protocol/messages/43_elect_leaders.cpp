#include "protocol/messages/43_elect_leaders.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<ElectLeadersRequest>;
template struct MessageIo<ElectLeadersResponse>;

}  // namespace stoker::protocol
