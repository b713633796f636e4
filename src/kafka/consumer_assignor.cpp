#include "kafka/consumer_assignor.hpp"

#include <algorithm>
#include <numeric>

namespace stoker::kafka {
namespace {

bool subscribes(const AssignedMember& member, const std::string& topic) {
    return std::ranges::find(member.topics, topic) != member.topics.end();
}

}  // namespace

std::vector<size_t> assignment_order(const std::vector<AssignedMember>& members) {
    std::vector<size_t> order(members.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::sort(order, [&](size_t a, size_t b) {
        const AssignedMember& one = members[a];
        const AssignedMember& other = members[b];
        if (one.instance_id && other.instance_id) return *one.instance_id < *other.instance_id;
        if (one.instance_id || other.instance_id) return one.instance_id.has_value();
        return one.member_id < other.member_id;
    });
    return order;
}

Assignments assign_range(const std::vector<AssignedMember>& members,
                         const std::map<std::string, int32_t>& partition_counts) {
    Assignments assignments(members.size());
    const std::vector<size_t> order = assignment_order(members);
    for (const auto& [topic, count] : partition_counts) {
        std::vector<size_t> takers;
        for (const size_t member : order) {
            if (subscribes(members[member], topic)) takers.push_back(member);
        }
        if (takers.empty()) continue;
        const auto each = count / int32_t(takers.size());
        auto extra = count % int32_t(takers.size());
        int32_t next = 0;
        for (const size_t member : takers) {
            const int32_t end = next + each + (extra-- > 0 ? 1 : 0);
            for (; next < end; ++next) assignments[member].push_back({topic, next});
        }
    }
    return assignments;
}

Assignments assign_round_robin(const std::vector<AssignedMember>& members,
                               const std::map<std::string, int32_t>& partition_counts) {
    Assignments assignments(members.size());
    const std::vector<size_t> order = assignment_order(members);
    size_t turn = 0;
    for (const auto& [topic, count] : partition_counts) {
        const bool wanted = std::ranges::any_of(
            members, [&](const AssignedMember& member) { return subscribes(member, topic); });
        if (!wanted) continue;
        for (int32_t partition = 0; partition < count; ++partition) {
            while (!subscribes(members[order[turn % order.size()]], topic)) ++turn;
            assignments[order[turn++ % order.size()]].push_back({topic, partition});
        }
    }
    return assignments;
}

}  // namespace stoker::kafka
