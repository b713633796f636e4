// Requests that go to the coordinators of groups: each coordinator is asked for its groups, and
// what is retriable (it moved, it is loading) is asked for again (Java's CoordinatorStrategy).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/admin.hpp"

namespace stoker::kafka {

/// `ask` asks one node for its groups and gives an outcome for each of them, within the time that
/// its options leave. `name` is Java's name of the call, for the texts of time-outs.
template <class T>
std::map<std::string, Outcome<T>> ask_coordinators(
    Admin& admin, std::string_view name, const std::vector<std::string>& groups,
    CallOptions options,
    const std::function<std::map<std::string, Outcome<T>>(
        const Node&, const std::vector<std::string>&, CallOptions)>& ask) {
    Cluster& cluster = admin.cluster();
    const Deadline deadline =
        cluster.deadline(options.timeout_ms.value_or(admin.settings().default_api_timeout_ms));
    std::map<std::string, Outcome<T>> all;
    std::set<std::string> left(groups.begin(), groups.end());
    for (int attempt = 0; !left.empty(); ++attempt) {
        if (attempt > 0) {
            const int64_t wait = cluster.retry_backoff_ms(attempt - 1);
            if (deadline.left_ms() <= wait) break;
            pause(wait);
        }
        std::map<int32_t, std::vector<std::string>> by_node;
        for (const std::string& group : left) {
            auto id = cluster.coordinator(CoordinatorType::group, group, deadline);
            if (id) {
                by_node[*id].push_back(group);
                continue;
            }
            Failure why = id.error();
            if (why.code == ErrorCode::request_timed_out) {
                why.message =
                    "Timed out waiting for a node assignment. Call: " + std::string(name) +
                    "(api=FIND_COORDINATOR)";
            }
            all.insert_or_assign(group, failed(std::move(why)));
        }
        std::erase_if(left, [&](const std::string& group) {
            return all.contains(group) && !all.at(group) && !is_retriable(all.at(group).error());
        });
        for (const auto& [id, mine] : by_node) {
            Node node{.id = id};
            if (const auto known = cluster.find_node(id)) node = *known;
            options.timeout_ms = deadline.left_ms();
            for (auto& [group, outcome] : ask(node, mine, options)) {
                if (outcome || !is_retriable(outcome.error())) {
                    left.erase(group);
                } else {
                    cluster.forget_coordinator(CoordinatorType::group, group);
                }
                all.insert_or_assign(group, std::move(outcome));
            }
        }
    }
    return all;
}

}  // namespace stoker::kafka
