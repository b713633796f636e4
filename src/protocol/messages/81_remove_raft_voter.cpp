#include "protocol/messages/81_remove_raft_voter.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<RemoveRaftVoterRequest>;
template struct MessageIo<RemoveRaftVoterResponse>;

}  // namespace stoker::protocol
