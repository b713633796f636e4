// Requests that go to the leaders of partitions: metadata tells which node leads what, each leader
// is asked for its share, and what is retriable is tried again (Java's PartitionLeaderStrategy).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/topic_partition.hpp"

namespace stoker::kafka {

template <class T>
using PartitionOutcomes = std::map<TopicPartition, Outcome<T>>;

/// The leaders of those partitions that have one; for the others a failure that may pass.
struct Leaders {
    std::map<int32_t, std::vector<TopicPartition>> by_node;
    std::map<TopicPartition, Failure> missing;
};
Outcome<Leaders> find_leaders(Admin& admin, const std::set<TopicPartition>& partitions,
                              Deadline deadline);

/// What Java's call says when its time is up; `name` is "deleteRecords(api=METADATA)".
Failure call_timed_out(Admin& admin, const std::string& name, int attempts, Deadline deadline);

/// `ask` asks one node for its partitions and gives an outcome for each of them. A retriable one
/// is asked for again, where its leader then is, until the deadline.
template <class T>
PartitionOutcomes<T> ask_leaders(
    Admin& admin, const std::string& name, std::set<TopicPartition> partitions,
    CallOptions options,
    const std::function<PartitionOutcomes<T>(int32_t, const std::vector<TopicPartition>&)>& ask) {
    Deadline deadline = admin.cluster().deadline(
        options.timeout_ms.value_or(admin.settings().default_api_timeout_ms));
    PartitionOutcomes<T> all;
    int attempts = 0;
    for (int attempt = 0; !partitions.empty(); ++attempt) {
        if (attempt > 0) {
            int64_t wait = admin.cluster().retry_backoff_ms(attempt - 1);
            if (deadline.left_ms() <= wait) break;
            pause(wait);
        }
        attempts = attempt + 1;
        Outcome<Leaders> leaders = find_leaders(admin, partitions, deadline);
        if (!leaders) {
            for (const auto& where : partitions) {
                all.insert_or_assign(where, failed(leaders.error()));
            }
            return all;
        }
        for (const auto& [where, why] : leaders->missing) {
            all.insert_or_assign(where, failed(why));
            if (!is_retriable(why)) partitions.erase(where);
        }
        for (const auto& [node, mine] : leaders->by_node) {
            for (auto& [where, outcome] : ask(node, mine)) {
                if (outcome || !is_retriable(outcome.error())) partitions.erase(where);
                all.insert_or_assign(where, std::move(outcome));
            }
        }
    }
    for (const TopicPartition& where : partitions) {
        all.insert_or_assign(where, failed(call_timed_out(admin, name + "(api=METADATA)", attempts,
                                                          deadline)));
    }
    return all;
}

}  // namespace stoker::kafka
