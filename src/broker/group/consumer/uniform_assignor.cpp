// The uniform assignor in two shapes: when all members subscribe to the same topics, the even share
// is known beforehand and one pass is enough; otherwise partitions are handed from the most to the
// least loaded subscribers until nothing more is gained.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "broker/group/consumer/assignor.hpp"

namespace stoker::broker {

namespace {

constexpr size_t nobody = static_cast<size_t>(-1);
/// Passes over all topics; a few are enough in practice, and none makes the balance worse.
constexpr int balance_rounds_max = 16;

/// Owner by partition, of the topics that somebody subscribes to.
using Owners = std::map<Uuid, std::vector<size_t>>;

class UniformAssignment {
public:
    UniformAssignment(const std::vector<AssignorMember>& members, const TopicImage& topics)
        : members_(members), load_(members.size(), 0) {
        for (size_t i = 0; i < members.size(); ++i) {
            for (const Uuid& topic : members[i].topics) {
                const GroupTopic* known = topics.find(topic);
                if (known == nullptr) continue;
                subscribers_[topic].push_back(i);
                owners_.try_emplace(topic, static_cast<size_t>(known->partitions), nobody);
            }
        }
        keep_what_can_be_kept();
    }

    std::vector<Assignment> build() {
        const bool is_homogeneous = std::ranges::all_of(
            subscribers_, [&](const auto& each) { return each.second.size() == members_.size(); });
        if (is_homogeneous) share_equally();
        else share_by_subscription();
        std::vector<Assignment> result(members_.size());
        for (const auto& [topic, owners] : owners_) {
            for (size_t p = 0; p < owners.size(); ++p) {
                result[owners[p]][topic].insert(PartitionId{static_cast<int32_t>(p)});
            }
        }
        return result;
    }

private:
    void keep_what_can_be_kept() {
        for (size_t i = 0; i < members_.size(); ++i) {
            for (const auto& [topic, partitions] : members_[i].previous) {
                const auto owners = owners_.find(topic);
                if (owners == owners_.end() ||
                    !std::ranges::binary_search(members_[i].topics, topic)) {
                    continue;
                }
                for (const PartitionId partition : partitions) {
                    const auto p = static_cast<size_t>(raw(partition));
                    if (p >= owners->second.size() || owners->second[p] != nobody) continue;
                    give(owners->second[p], i);
                }
            }
        }
    }

    void give(size_t& owner, size_t member) {
        if (owner != nobody) --load_[owner];
        owner = member;
        ++load_[member];
    }

    /// Everybody's share is the same but for one; those who have more already keep the one.
    void share_equally() {
        size_t total = 0;
        for (const auto& [topic, owners] : owners_) total += owners.size();
        if (total == 0) return;
        const size_t share = total / members_.size();
        size_t extra = total % members_.size();
        std::vector<size_t> limit(members_.size(), share);
        for (const bool has_more : {true, false}) {
            for (size_t i = 0; i < members_.size() && extra > 0; ++i) {
                if ((load_[i] > share) != has_more) continue;
                ++limit[i];
                --extra;
            }
        }
        // From the end: the first topics stay together.
        for (auto topic = owners_.rbegin(); topic != owners_.rend(); ++topic) {
            for (auto owner = topic->second.rbegin(); owner != topic->second.rend(); ++owner) {
                if (*owner == nobody || load_[*owner] <= limit[*owner]) continue;
                --load_[*owner];
                *owner = nobody;
            }
        }
        size_t next = 0;
        for (auto& [topic, owners] : owners_) {
            for (size_t& owner : owners) {
                if (owner != nobody) continue;
                while (load_[next] >= limit[next]) ++next;
                give(owner, next);
            }
        }
    }

    void share_by_subscription() {
        // Topics with the most partitions a subscriber first: later ones even out what they leave.
        std::vector<Uuid> topics;
        for (const auto& [topic, owners] : owners_) topics.push_back(topic);
        std::ranges::stable_sort(topics, [&](const Uuid& a, const Uuid& b) {
            const size_t readers_a = subscribers_[a].size();
            const size_t readers_b = subscribers_[b].size();
            const size_t weight_a = owners_[a].size() * readers_b;
            const size_t weight_b = owners_[b].size() * readers_a;
            return weight_a != weight_b ? weight_a > weight_b : readers_a < readers_b;
        });
        for (const Uuid& topic : topics) hand_out(topic);
        for (int round = 0; round < balance_rounds_max; ++round) {
            bool has_moved = false;
            for (const Uuid& topic : topics) has_moved = balance(topic) || has_moved;
            if (!has_moved) return;
        }
    }

    /// Members in the order of their loads.
    using ByLoad = std::set<std::pair<size_t, size_t>>;

    void hand_out(const Uuid& topic) {
        ByLoad readers;
        for (const size_t member : subscribers_[topic]) readers.emplace(load_[member], member);
        for (size_t& owner : owners_[topic]) {
            if (owner != nobody) continue;
            const size_t member = readers.begin()->second;
            readers.erase(readers.begin());
            give(owner, member);
            readers.emplace(load_[member], member);
        }
    }

    /// Moves partitions of one topic as long as that evens out two of its subscribers.
    bool balance(const Uuid& topic) {
        ByLoad readers;
        for (const size_t member : subscribers_[topic]) readers.emplace(load_[member], member);
        ByLoad donors;
        std::map<size_t, std::vector<size_t*>> given;
        for (size_t& owner : owners_[topic]) {
            given[owner].push_back(&owner);
            donors.emplace(load_[owner], owner);
        }
        bool has_moved = false;
        while (!donors.empty()) {
            const size_t from = donors.rbegin()->second;
            const size_t to = readers.begin()->second;
            if (load_[from] <= load_[to] + 1) break;
            for (const size_t member : {from, to}) {
                readers.erase({load_[member], member});
                donors.erase({load_[member], member});
            }
            size_t* const owner = given[from].back();
            given[from].pop_back();
            give(*owner, to);
            given[to].push_back(owner);
            for (const size_t member : {from, to}) {
                readers.emplace(load_[member], member);
                if (!given[member].empty()) donors.emplace(load_[member], member);
            }
            has_moved = true;
        }
        return has_moved;
    }

    const std::vector<AssignorMember>& members_;
    std::vector<size_t> load_;
    std::map<Uuid, std::vector<size_t>> subscribers_;
    Owners owners_;
};

}  // namespace

std::vector<Assignment> assign_uniform(const std::vector<AssignorMember>& members,
                                       const TopicImage& topics) {
    return UniformAssignment(members, topics).build();
}

}  // namespace stoker::broker
