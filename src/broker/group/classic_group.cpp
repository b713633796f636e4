#include "broker/group/classic_group.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "protocol/wire.hpp"

namespace stoker::broker {

std::string_view name(ClassicState state) {
    switch (state) {
        case ClassicState::empty: return "Empty";
        case ClassicState::preparing_rebalance: return "PreparingRebalance";
        case ClassicState::completing_rebalance: return "CompletingRebalance";
        case ClassicState::stable: return "Stable";
    }
    return "Unknown";
}

const Bytes* ClassicMember::metadata(std::string_view protocol) const {
    for (const auto& each : protocols) {
        if (each.name == protocol) return &each.metadata;
    }
    return nullptr;
}

ClassicGroup::ClassicGroup(const protocol::GroupMetadataValue& value)
    : generation_(value.generation), protocol_name_(value.protocol) {
    if (value.current_state_timestamp != -1) state_changed_ms_ = value.current_state_timestamp;
    if (!value.protocol_type.empty()) protocol_type_ = value.protocol_type;
    for (const auto& stored : value.members) {
        const bool has_timeout = stored.rebalance_timeout != -1;
        ClassicMember member;
        member.id = stored.member_id;
        member.instance_id = stored.group_instance_id;
        member.client_id = stored.client_id;
        member.client_host = stored.client_host;
        member.rebalance_timeout_ms =
            has_timeout ? stored.rebalance_timeout : stored.session_timeout;
        member.session_timeout_ms = stored.session_timeout;
        member.protocols = {{.name = value.protocol.value_or(""), .metadata = stored.subscription}};
        member.assignment = stored.assignment;
        add(std::move(member), value.protocol_type);
    }
    if (value.leader && members_.contains(*value.leader)) leader_ = value.leader;
    if (!members_.empty()) state_ = ClassicState::stable;
    read_subscriptions();
}

ClassicMember* ClassicGroup::member(std::string_view id) {
    const auto found = members_.find(id);
    return found == members_.end() ? nullptr : &found->second;
}

const std::string* ClassicGroup::static_member(std::string_view instance_id) const {
    const auto found = static_members_.find(instance_id);
    return found == static_members_.end() ? nullptr : &found->second;
}

ClassicMember& ClassicGroup::add(ClassicMember member, std::string_view protocol_type) {
    STOKER_CHECK(!members_.contains(member.id), "a member is added once");
    if (member.instance_id) {
        const bool is_free = static_members_.emplace(*member.instance_id, member.id).second;
        STOKER_CHECK(is_free, "a static name has one member");
    }
    if (members_.empty()) protocol_type_ = protocol_type;
    if (!leader_) leader_ = member.id;
    count_protocols(member, +1);
    pending.erase(member.id);
    std::string id = member.id;
    return members_.emplace(std::move(id), std::move(member)).first->second;
}

void ClassicGroup::remove(std::string_view id) {
    if (const auto found = members_.find(id); found != members_.end()) {
        ClassicMember& leaving = found->second;
        STOKER_CHECK(!leaving.awaiting_join && !leaving.awaiting_sync,
                     "a member that leaves has been answered");
        count_protocols(leaving, -1);
        if (leaving.instance_id) static_members_.erase(*leaving.instance_id);
        const bool was_leader = is_leader(id);
        pending_sync.erase(leaving.id);
        members_.erase(found);
        if (was_leader) {
            leader_ = members_.empty() ? std::nullopt
                                       : std::optional(members_.begin()->second.id);
        }
    } else if (const auto waiting = pending.find(id); waiting != pending.end()) {
        pending.erase(waiting);
    }
}

ClassicMember& ClassicGroup::rename(const std::string& old_id, const std::string& new_id) {
    auto node = members_.extract(old_id);
    STOKER_CHECK(!node.empty() && node.mapped().instance_id, "only a static member is renamed");
    STOKER_CHECK(!node.mapped().awaiting_join && !node.mapped().awaiting_sync,
                 "a member that is replaced has been answered");
    if (is_leader(old_id)) leader_ = new_id;
    static_members_[*node.mapped().instance_id] = new_id;
    pending_sync.erase(old_id);
    node.key() = new_id;
    node.mapped().id = new_id;
    node.mapped().is_new = false;
    node.mapped().expires_ms.reset();
    return members_.insert(std::move(node)).position->second;
}

void ClassicGroup::update(ClassicMember& member, std::vector<MemberProtocol> protocols,
                          int32_t rebalance_timeout_ms, int32_t session_timeout_ms) {
    count_protocols(member, -1);
    member.protocols = std::move(protocols);
    count_protocols(member, +1);
    member.rebalance_timeout_ms = rebalance_timeout_ms;
    member.session_timeout_ms = session_timeout_ms;
}

void ClassicGroup::await_join(ClassicMember& member, JoinReply reply) {
    STOKER_CHECK(!member.awaiting_join && reply, "one JoinGroup of a member waits at a time");
    member.awaiting_join = std::move(reply);
    ++awaiting_join_count_;
}

JoinReply ClassicGroup::take_join(ClassicMember& member) {
    if (member.awaiting_join) --awaiting_join_count_;
    return std::exchange(member.awaiting_join, nullptr);
}

ErrorCode ClassicGroup::check_member(std::string_view id,
                                     const std::optional<std::string>& instance_id) const {
    if (instance_id) {
        const std::string* holder = static_member(*instance_id);
        if (holder == nullptr) return ErrorCode::unknown_member_id;
        if (*holder != id) return ErrorCode::fenced_instance_id;
    }
    return members_.contains(id) ? ErrorCode::none : ErrorCode::unknown_member_id;
}

bool ClassicGroup::supports(std::string_view type,
                            const std::vector<MemberProtocol>& protocols) const {
    if (state_ == ClassicState::empty) return !type.empty() && !protocols.empty();
    if (protocol_type_ != type) return false;
    return std::ranges::any_of(protocols, [&](const MemberProtocol& protocol) {
        const auto found = supporters_.find(protocol.name);
        const size_t count = found == supporters_.end() ? 0 : found->second;
        return count == members_.size();
    });
}

std::string ClassicGroup::select_protocol() const {
    std::map<std::string_view, size_t> votes;
    for (const auto& [id, member] : members_) {
        for (const auto& protocol : member.protocols) {
            const auto found = supporters_.find(protocol.name);
            if (found == supporters_.end() || found->second != members_.size()) continue;
            ++votes[protocol.name];
            break;
        }
    }
    STOKER_CHECK(!votes.empty(), "members have a protocol in common");
    return std::string(std::ranges::max_element(votes, {}, [](auto& vote) {
                           return vote.second;
                       })->first);
}

bool ClassicGroup::all_joined() const {
    return pending.empty() && awaiting_join_count_ == members_.size();
}

int32_t ClassicGroup::rebalance_timeout_ms() const {
    int32_t longest = 0;
    for (const auto& [id, member] : members_) {
        longest = std::max(longest, member.rebalance_timeout_ms);
    }
    return longest;
}

bool ClassicGroup::elect_joined_leader() {
    if (!leader_) return false;
    const auto waits = [](const auto& entry) { return bool(entry.second.awaiting_join); };
    if (const auto found = members_.find(*leader_); found != members_.end() && waits(*found)) {
        return true;
    }
    const auto next = std::ranges::find_if(members_, waits);
    if (next == members_.end()) return false;
    leader_ = next->first;
    return true;
}

void ClassicGroup::next_generation(int64_t now_ms) {
    ++generation_;
    if (members_.empty()) {
        protocol_name_.reset();
        move_to(ClassicState::empty, now_ms);
    } else {
        protocol_name_ = select_protocol();
        move_to(ClassicState::completing_rebalance, now_ms);
    }
    read_subscriptions();
    pending_sync.clear();
}

void ClassicGroup::move_to(ClassicState state, int64_t now_ms) {
    const bool comes_from = state == ClassicState::completing_rebalance ||
                            state == ClassicState::empty
                                ? state_ == ClassicState::preparing_rebalance
                            : state == ClassicState::stable
                                ? state_ == ClassicState::completing_rebalance
                                : state_ != ClassicState::preparing_rebalance;
    STOKER_CHECK(comes_from, "a group changes state in the order of a rebalance");
    previous_state_ = std::exchange(state_, state);
    state_changed_ms_ = now_ms;
}

bool ClassicGroup::is_subscribed_to(std::string_view topic) const {
    return subscribed_topics_ ? subscribed_topics_->contains(topic) : is_consumer_group();
}

protocol::GroupMetadataValue ClassicGroup::record(
    const std::function<Bytes(const ClassicMember&)>& assignment_of) const {
    protocol::GroupMetadataValue value;
    value.protocol_type = protocol_type_.value_or("");
    value.generation = generation_;
    value.protocol = protocol_name_;
    value.leader = leader_;
    value.current_state_timestamp = state_changed_ms_.value_or(-1);
    for (const auto& [id, member] : members_) {
        const Bytes* subscription = member.metadata(protocol_name_.value_or(""));
        STOKER_CHECK(subscription != nullptr, "every member supports the chosen protocol");
        value.members.push_back({.member_id = id,
                                 .group_instance_id = member.instance_id,
                                 .client_id = member.client_id,
                                 .client_host = member.client_host,
                                 .rebalance_timeout = member.rebalance_timeout_ms,
                                 .session_timeout = member.session_timeout_ms,
                                 .subscription = *subscription,
                                 .assignment = assignment_of(member)});
    }
    return value;
}

void ClassicGroup::count_protocols(const ClassicMember& member, int change) {
    for (const auto& protocol : member.protocols) {
        const auto count = supporters_.try_emplace(protocol.name, 0).first;
        count->second += static_cast<size_t>(change);
        if (count->second == 0) supporters_.erase(count);
    }
}

void ClassicGroup::read_subscriptions() {
    subscribed_topics_.reset();
    if (!is_consumer_group()) return;
    std::set<std::string, std::less<>> all;
    for (const auto& [id, member] : members_) {
        const Bytes* metadata = member.metadata(protocol_name_.value_or(""));
        auto topics = metadata ? subscription_topics(*metadata) : std::nullopt;
        if (!topics) return;
        for (auto& topic : *topics) all.insert(std::move(topic));
    }
    subscribed_topics_ = std::move(all);
}

std::vector<MemberProtocol> without_duplicates(std::vector<MemberProtocol> protocols) {
    std::set<std::string> seen;
    std::erase_if(protocols,
                  [&](const MemberProtocol& each) { return !seen.insert(each.name).second; });
    return protocols;
}

ErrorCode check_group_value(const protocol::GroupMetadataValue& value) {
    std::set<std::string_view> ids;
    std::set<std::string_view> instance_ids;
    for (const auto& member : value.members) {
        const bool is_unique = ids.insert(member.member_id).second &&
                               (!member.group_instance_id ||
                                instance_ids.insert(*member.group_instance_id).second);
        if (!is_unique || !value.protocol) return ErrorCode::corrupt_message;
    }
    return ErrorCode::none;
}

std::optional<std::vector<std::string>> subscription_topics(ByteView metadata) {
    try {
        protocol::Reader reader(metadata);
        if (reader.number<int16_t>() < 0) return std::nullopt;
        std::vector<std::string> topics;
        for (size_t left = reader.required_array_length(false); left > 0; --left) {
            topics.push_back(reader.text(reader.required_text_length(false)));
        }
        return topics;
    } catch (const protocol::MalformedMessage&) {
        return std::nullopt;
    }
}

}  // namespace stoker::broker
