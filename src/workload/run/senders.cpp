#include "workload/run/senders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace stoker::workload {

void SendersResult::append(SendersResult other) {
    stats.merge(other.stats);
    std::ranges::move(other.ledgers, std::back_inserter(ledgers));
    if (other.failure && !failure) failure = std::move(other.failure);
    answered_ns = std::max(answered_ns, other.answered_ns);
    sender_share = std::max(sender_share, other.sender_share);
    library_share = std::max(library_share, other.library_share);
}

std::string run_name(uint64_t run_id) { return fmt::format("{:08x}", run_id >> 32); }

kafka::ClientProperties producer_properties(const Workload& workload,
                                            kafka::ClientProperties properties, uint64_t run_id,
                                            int producer) {
    const ProducerPlan& plan = workload.producers;
    properties.set("client.id", fmt::format("stoker-load-producer-{}", producer));
    properties.set("acks", plan.acks);
    properties.set("enable.idempotence", plan.idempotent ? "true" : "false");
    if (plan.transactions)
        properties.set("transactional.id",
                       fmt::format("stoker-load-{}-{}", run_name(run_id), producer));
    for (const auto& [name, value] : plan.settings) properties.set(name, value);
    return properties;
}

}  // namespace stoker::workload
