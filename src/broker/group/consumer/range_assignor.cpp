#include <algorithm>
#include <map>
#include <numeric>

#include "broker/group/consumer/assignor.hpp"

namespace stoker::broker {

std::string_view name(Assignor assignor) {
    return assignor == Assignor::uniform ? "uniform" : "range";
}

std::optional<Assignor> parse_assignor(std::string_view text) {
    for (const Assignor each : {Assignor::uniform, Assignor::range}) {
        if (name(each) == text) return each;
    }
    return std::nullopt;
}

std::vector<Assignment> assign(Assignor assignor, const std::vector<AssignorMember>& members,
                               const TopicImage& topics) {
    return assignor == Assignor::uniform ? assign_uniform(members, topics)
                                         : assign_range(members, topics);
}

std::vector<Assignment> assign_range(const std::vector<AssignorMember>& members,
                                     const TopicImage& topics) {
    std::vector<size_t> order(members.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::ranges::sort(order, [&](size_t a, size_t b) {
        const AssignorMember& left = members[a];
        const AssignorMember& right = members[b];
        if (left.instance_id.has_value() != right.instance_id.has_value()) {
            return left.instance_id.has_value();
        }
        return left.instance_id ? *left.instance_id < *right.instance_id : left.id < right.id;
    });
    std::map<Uuid, std::vector<size_t>> subscribers;
    for (const size_t member : order) {
        for (const Uuid& topic : members[member].topics) subscribers[topic].push_back(member);
    }
    std::vector<Assignment> result(members.size());
    for (const auto& [topic, readers] : subscribers) {
        const GroupTopic* known = topics.find(topic);
        if (known == nullptr) continue;
        const auto count = static_cast<size_t>(known->partitions);
        const size_t share = count / readers.size();
        const size_t extra = count % readers.size();
        size_t next = 0;
        for (size_t i = 0; i < readers.size(); ++i) {
            const size_t end = next + share + (i < extra ? 1 : 0);
            for (; next < end; ++next) {
                result[readers[i]][topic].insert(PartitionId{static_cast<int32_t>(next)});
            }
        }
    }
    return result;
}

}  // namespace stoker::broker
