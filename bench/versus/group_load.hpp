// How long a group takes to share its partitions with one more member.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace stoker::bench {

struct GroupLoad {
    uint16_t port = 0;
    std::string topic;  // there already
    int32_t partitions = 12;
    int joins = 5;
    /// A member hears of a rebalance in the answer to a heartbeat: with the client's own interval
    /// of 3 s that would be all there is to see.
    int heartbeat_ms = 20;
};

/// One figure a join, in milliseconds: from the subscription of a second member that is connected
/// already until both have half of the partitions. Then it leaves again. Classic protocol, range
/// assignor. Throws std::runtime_error when it takes half a minute.
std::vector<double> run(const GroupLoad& load);

}  // namespace stoker::bench
