#include "broker/group/consumer/consumer_group.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/crc32c.hpp"

namespace stoker::broker {

namespace {

/// Adds one to, or takes one from, a count that is gone when it is nothing.
template <class Map, class Key>
void count(Map& map, const Key& key, bool add) {
    if (add) {
        ++map[key];
        return;
    }
    const auto found = map.find(key);
    if (found != map.end() && --found->second == 0) map.erase(found);
}

std::string text_of(const EpochAssignment& assignment) {
    std::string text;
    for (const auto& [topic, partitions] : assignment) {
        for (const auto& [partition, epoch] : partitions) {
            text += fmt::format(" {}-{}@{}", to_string(topic), raw(partition), epoch);
        }
    }
    return text;
}

std::string text_of(const MemberMetadata& member) {
    std::string text = fmt::format(
        "instance {} rack {} client {} at {} topics [{}] regex {} rebalance {} ms assignor {}",
        member.instance_id.value_or("-"), member.rack_id.value_or("-"), member.client_id,
        member.client_host, fmt::join(member.topics, " "), member.regex.value_or("-"),
        member.rebalance_timeout_ms, member.assignor.value_or("-"));
    if (!member.classic) return text;
    text += fmt::format(" classic {} ms", member.classic->session_timeout_ms);
    for (const auto& protocol : member.classic->protocols) {
        text += fmt::format(" {}:{:08x}", protocol.name, crc32c(protocol.metadata));
    }
    return text;
}

}  // namespace

std::string_view name(ConsumerState state) {
    switch (state) {
        case ConsumerState::empty: return "Empty";
        case ConsumerState::assigning: return "Assigning";
        case ConsumerState::reconciling: return "Reconciling";
        case ConsumerState::stable: return "Stable";
    }
    return "Unknown";
}

const ConsumerMember* ConsumerGroup::member(std::string_view id) const {
    const auto found = members_.find(id);
    return found == members_.end() ? nullptr : &found->second;
}

const ConsumerMember* ConsumerGroup::static_member(std::string_view instance_id) const {
    const auto found = static_members_.find(instance_id);
    return found == static_members_.end() ? nullptr : member(found->second);
}

const Assignment& ConsumerGroup::target(std::string_view member_id) const {
    static const Assignment none;
    const auto found = targets_.find(member_id);
    return found == targets_.end() ? none : found->second;
}

const ResolvedRegex* ConsumerGroup::regex(std::string_view regex) const {
    const auto found = regexes_.find(regex);
    return found == regexes_.end() ? nullptr : &found->second;
}

size_t ConsumerGroup::regex_members(std::string_view regex) const {
    const auto found = regex_members_.find(regex);
    return found == regex_members_.end() ? 0 : found->second;
}

std::set<std::string> ConsumerGroup::topics_of(const MemberMetadata& member) const {
    std::set<std::string> topics = member.topics;
    const ResolvedRegex* resolved = member.has_regex() ? regex(*member.regex) : nullptr;
    if (resolved != nullptr) topics.insert(resolved->topics.begin(), resolved->topics.end());
    return topics;
}

bool ConsumerGroup::is_held(const Uuid& topic, PartitionId partition) const {
    const auto found = holders_.find(topic);
    return found != holders_.end() && found->second.contains(partition);
}

ConsumerState ConsumerGroup::state() const {
    if (members_.empty()) return ConsumerState::empty;
    if (epoch > assignment_epoch) return ConsumerState::assigning;
    const bool is_reconciled = std::ranges::all_of(members_, [&](const auto& entry) {
        return entry.second.current.is_reconciled_to(assignment_epoch);
    });
    return is_reconciled ? ConsumerState::stable : ConsumerState::reconciling;
}

size_t ConsumerGroup::classic_members() const {
    return static_cast<size_t>(std::ranges::count_if(
        members_, [](const auto& entry) { return entry.second.is_classic(); }));
}

std::optional<std::string> ConsumerGroup::preferred_assignor() const {
    std::map<std::string_view, size_t> votes;
    for (const auto& [id, member] : members_) {
        if (member.metadata.assignor) ++votes[*member.metadata.assignor];
    }
    if (votes.empty()) return std::nullopt;
    return std::string(
        std::ranges::max_element(votes, {}, [](const auto& vote) { return vote.second; })->first);
}

bool ConsumerGroup::supports(std::string_view type,
                             const std::vector<MemberProtocol>& protocols) const {
    if (type != consumer_protocol_type || protocols.empty()) return false;
    const auto knows = [](const ConsumerMember& member, const std::string& protocol) {
        return std::ranges::find(member.metadata.classic->protocols, protocol,
                                 &MemberProtocol::name) != member.metadata.classic->protocols.end();
    };
    return std::ranges::any_of(protocols, [&](const MemberProtocol& protocol) {
        return std::ranges::all_of(members_, [&](const auto& entry) {
            return !entry.second.is_classic() || knows(entry.second, protocol.name);
        });
    });
}

ConsumerMember& ConsumerGroup::member_or_new(const std::string& id) {
    const auto [found, is_new] = members_.try_emplace(id);
    if (is_new) found->second.id = id;
    return found->second;
}

void ConsumerGroup::count_subscriptions(const MemberMetadata& metadata, bool add) {
    for (const auto& topic : metadata.topics) {
        if (add) {
            ++subscribed_topics_[topic].by_name;
            continue;
        }
        const auto found = subscribed_topics_.find(topic);
        --found->second.by_name;
        if (found->second == Subscribers{}) subscribed_topics_.erase(found);
    }
    if (metadata.has_regex()) count(regex_members_, *metadata.regex, add);
}

void ConsumerGroup::put_member(const std::string& id, MemberMetadata metadata) {
    ConsumerMember& member = member_or_new(id);
    count_subscriptions(member.metadata, false);
    const auto& former = member.metadata.instance_id;
    if (former && former != metadata.instance_id) {
        const auto found = static_members_.find(*former);
        if (found != static_members_.end() && found->second == id) static_members_.erase(found);
    }
    member.metadata = std::move(metadata);
    count_subscriptions(member.metadata, true);
    if (member.metadata.instance_id) static_members_[*member.metadata.instance_id] = id;
}

void ConsumerGroup::remove_member(std::string_view id) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    const ConsumerMember& member = found->second;
    count_subscriptions(member.metadata, false);
    count_holdings(member.current, false);
    if (member.metadata.instance_id) {
        const auto holder = static_members_.find(*member.metadata.instance_id);
        if (holder != static_members_.end() && holder->second == id) static_members_.erase(holder);
    }
    if (const auto timer = timers.find(id); timer != timers.end()) timers.erase(timer);
    members_.erase(found);
}

void ConsumerGroup::count_holdings(const CurrentAssignment& current, bool add) {
    for (const EpochAssignment* held : {&current.assigned, &current.revoking}) {
        for (const auto& [topic, partitions] : *held) {
            auto& holders = holders_[topic];
            for (const auto& [partition, epoch] : partitions) count(holders, partition, add);
            if (holders.empty()) holders_.erase(topic);
        }
    }
}

void ConsumerGroup::put_current(const std::string& id, CurrentAssignment current) {
    ConsumerMember& member = member_or_new(id);
    count_holdings(member.current, false);
    member.current = std::move(current);
    count_holdings(member.current, true);
}

void ConsumerGroup::put_target(const std::string& id, Assignment target) {
    targets_.insert_or_assign(id, std::move(target));
}

void ConsumerGroup::remove_target(std::string_view id) {
    if (const auto found = targets_.find(id); found != targets_.end()) targets_.erase(found);
}

void ConsumerGroup::put_regex(const std::string& regex, ResolvedRegex resolved) {
    remove_regex(regex);
    for (const auto& topic : resolved.topics) ++subscribed_topics_[topic].by_regex;
    regexes_.emplace(regex, std::move(resolved));
}

void ConsumerGroup::remove_regex(std::string_view regex) {
    const auto found = regexes_.find(regex);
    if (found == regexes_.end()) return;
    for (const auto& topic : found->second.topics) {
        const auto subscribers = subscribed_topics_.find(topic);
        --subscribers->second.by_regex;
        if (subscribers->second == Subscribers{}) subscribed_topics_.erase(subscribers);
    }
    regexes_.erase(found);
}

std::string ConsumerGroup::dump() const {
    std::string text =
        fmt::format("  epoch {} hash {:016x} assignment epoch {} at {} old metadata {}\n", epoch,
                    static_cast<uint64_t>(metadata_hash), assignment_epoch,
                    assignment_timestamp_ms, has_partition_metadata);
    for (const auto& [id, member] : members_) {
        text += fmt::format("  member {}: {}\n", id, text_of(member.metadata));
        text += fmt::format("    epoch {} before {} state {} assigned{} revoking{}\n",
                            member.current.epoch, member.current.previous_epoch,
                            static_cast<int>(member.current.state),
                            text_of(member.current.assigned), text_of(member.current.revoking));
    }
    for (const auto& [id, target] : targets_) {
        text += fmt::format("  target {}:{}\n", id, text_of(with_epoch(target, 0)));
    }
    for (const auto& [regex, resolved] : regexes_) {
        text += fmt::format("  regex {}: [{}] version {} at {}\n", regex,
                            fmt::join(resolved.topics, " "), resolved.version,
                            resolved.timestamp_ms);
    }
    return text;
}

}  // namespace stoker::broker
