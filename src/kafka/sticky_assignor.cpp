// The cooperative sticky assignor (KIP-429): what everybody has stays, the rest goes to who has
// least, and then one partition after the other moves from the fullest to the emptiest until no two
// differ by more than one.
#include <algorithm>
#include <numeric>
#include <set>

#include "kafka/consumer_assignor.hpp"

namespace stoker::kafka {
namespace {

constexpr size_t nobody = SIZE_MAX;

class StickyPlan {
public:
    StickyPlan(const std::vector<AssignedMember>& members,
               const std::map<std::string, int32_t>& partition_counts)
        : members_(members), shares_(members.size()), order_(assignment_order(members)) {
        for (const auto& [topic, count] : partition_counts) {
            for (int32_t id = 0; id < count; ++id) owners_[{topic, id}] = nobody;
        }
        for (size_t i = 0; i < members.size(); ++i) {
            subscriptions_.emplace_back(members[i].topics.begin(), members[i].topics.end());
        }
    }

    Assignments make() {
        keep_owned();
        give_rest();
        while (move_one()) continue;
        hold_back_moving();
        Assignments assignments;
        for (const auto& share : shares_) assignments.emplace_back(share.begin(), share.end());
        return assignments;
    }

private:
    bool may_have(size_t member, const TopicPartition& where) const {
        return subscriptions_[member].contains(where.topic);
    }

    /// Of several claims that of the latest generation counts; where two are as late, neither.
    void keep_owned() {
        struct Claim {
            int32_t generation = -1;
            size_t member = nobody;
        };
        std::map<TopicPartition, Claim> claims;
        for (size_t i = 0; i < members_.size(); ++i) {
            for (const TopicPartition& where : members_[i].owned) {
                if (!owners_.contains(where) || !may_have(i, where)) continue;
                const int32_t generation = members_[i].generation;
                const auto [claim, is_first] = claims.try_emplace(where, generation, i);
                if (is_first || generation < claim->second.generation) continue;
                const bool tie = generation == claim->second.generation;
                claim->second = {generation, tie ? nobody : i};
            }
        }
        for (const auto& [where, claim] : claims) {
            if (claim.member != nobody) give(claim.member, where);
        }
    }

    void give(size_t member, const TopicPartition& where) {
        size_t& owner = owners_.at(where);
        if (owner != nobody) shares_[owner].erase(where);
        owner = member;
        shares_[member].insert(where);
    }

    /// The one with least of those that may have it.
    size_t emptiest_for(const TopicPartition& where) const {
        size_t best = nobody;
        for (const size_t member : order_) {
            if (!may_have(member, where)) continue;
            if (best == nobody || shares_[member].size() < shares_[best].size()) best = member;
        }
        return best;
    }

    void give_rest() {
        for (const auto& [where, owner] : owners_) {
            if (owner != nobody) continue;
            if (const size_t taker = emptiest_for(where); taker != nobody) give(taker, where);
        }
    }

    /// Makes the shares more even; each move brings their sizes closer, so this ends.
    bool move_one() {
        std::vector<size_t> fullest_first = order_;
        std::ranges::stable_sort(fullest_first, std::ranges::greater{},
                                 [&](size_t member) { return shares_[member].size(); });
        for (const size_t from : fullest_first) {
            for (auto where = shares_[from].rbegin(); where != shares_[from].rend(); ++where) {
                const size_t to = emptiest_for(*where);
                if (shares_[to].size() + 2 > shares_[from].size()) continue;
                give(to, TopicPartition(*where));
                return true;
            }
        }
        return false;
    }

    void hold_back_moving() {
        for (size_t i = 0; i < members_.size(); ++i) {
            for (const TopicPartition& where : members_[i].owned) {
                const auto owner = owners_.find(where);
                if (owner == owners_.end() || owner->second == nobody || owner->second == i) {
                    continue;
                }
                const auto& mine = members_[owner->second].owned;
                if (std::ranges::find(mine, where) != mine.end()) continue;
                shares_[owner->second].erase(where);
            }
        }
    }

    const std::vector<AssignedMember>& members_;
    std::vector<std::set<TopicPartition>> shares_;
    std::vector<size_t> order_;
    std::vector<std::set<std::string>> subscriptions_;
    std::map<TopicPartition, size_t> owners_;
};

}  // namespace

Assignments assign_cooperative_sticky(const std::vector<AssignedMember>& members,
                                      const std::map<std::string, int32_t>& partition_counts) {
    return StickyPlan(members, partition_counts).make();
}

}  // namespace stoker::kafka
