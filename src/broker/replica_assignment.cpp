#include "broker/replica_assignment.hpp"

#include <set>
#include <string>

namespace stoker::broker {

Outcome<void> check_replicas(const std::vector<int32_t>& replicas, int32_t node) {
    constexpr ErrorCode code = ErrorCode::invalid_replica_assignment;
    if (replicas.empty())
        return refuse(code, "The manual partition assignment includes an empty replica list.");
    std::set<int32_t> seen;
    for (int32_t replica : replicas) {
        if (!seen.insert(replica).second)
            return refuse(code, "The manual partition assignment includes the broker " +
                                    std::to_string(replica) + " more than once.");
        if (replica != node)
            return refuse(code, "The manual partition assignment includes broker " +
                                    std::to_string(replica) +
                                    ", but no such broker is registered.");
    }
    return {};
}

}  // namespace stoker::broker
