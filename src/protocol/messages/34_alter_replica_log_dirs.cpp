#include "protocol/messages/34_alter_replica_log_dirs.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<AlterReplicaLogDirsRequest>;
template struct MessageIo<AlterReplicaLogDirsResponse>;

}  // namespace stoker::protocol
