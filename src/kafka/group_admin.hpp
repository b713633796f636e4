// Many groups at once through the admin client, as Java's does it: list, describe (of either
// protocol), delete. Each coordinator is asked for all of its groups, and again for those that have
// moved or are still loading. Committed offsets are in admin_groups.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "kafka/topic_partition.hpp"
#include "protocol/messages/16_list_groups.hpp"

namespace stoker::kafka {

struct GroupQuery {
    /// Empty: all. States and types are the broker's to filter by, in its spelling.
    std::vector<std::string> states{};
    std::vector<std::string> types{};
    std::optional<std::vector<std::string>> protocol_types{};
};

using GroupListing = protocol::ListGroupsResponse::ListedGroup;
/// Admin.listGroups: in the order of the brokers' answers, types as "Classic" and "Consumer".
Outcome<std::vector<GroupListing>> find_groups(Admin& admin, const GroupQuery& query,
                                               CallOptions options = {});

struct MemberDescription {
    std::string id;
    std::optional<std::string> instance_id{};
    std::optional<std::string> rack_id{};
    std::string client_id;
    std::string host;
    std::vector<TopicPartition> assignment{};
    /// Only with the consumer protocol (KIP-848), like what follows.
    std::vector<TopicPartition> target_assignment{};
    std::optional<int32_t> epoch{};
    /// Whether a member speaks the new protocol already, where the broker tells.
    std::optional<bool> upgraded{};
};

struct GroupDescription {
    std::string id;
    /// "Classic" or "Consumer".
    std::string type;
    std::string state;
    std::string assignor;
    Node coordinator;
    std::vector<MemberDescription> members{};
    /// Only with the consumer protocol.
    std::optional<int32_t> epoch{};
    std::optional<int32_t> target_assignment_epoch{};
};

/// Outcomes by group.
template <class T>
using GroupOutcomes = std::map<std::string, Outcome<T>>;

/// describeConsumerGroups(): groups of either protocol. A group that is none is GroupIdNotFound.
GroupOutcomes<GroupDescription> describe_consumer_groups(Admin& admin,
                                                         const std::vector<std::string>& ids,
                                                         CallOptions options = {});
/// The same for those that the list says are "Classic". To ask for these with the API of the new
/// protocol first, as one has to where the type is not known, is an error that brokers count.
GroupOutcomes<GroupDescription> describe_classic_groups(Admin& admin,
                                                        const std::vector<std::string>& ids,
                                                        CallOptions options = {});

/// Makes them leave their group; static members by their instance id. The first failure.
Outcome<void> remove_members(Admin& admin, const std::string& group,
                             const std::vector<MemberDescription>& members,
                             CallOptions options = {});

GroupOutcomes<void> delete_groups(Admin& admin, const std::vector<std::string>& ids,
                                  CallOptions options = {});

}  // namespace stoker::kafka
