#include "protocol/messages/80_add_raft_voter.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AddRaftVoterRequest>;
template struct MessageIo<AddRaftVoterResponse>;

}  // namespace stoker::protocol
