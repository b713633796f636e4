#include "protocol/messages/10_find_coordinator.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<FindCoordinatorRequest>;
template struct MessageIo<FindCoordinatorResponse>;

}  // namespace stoker::protocol
