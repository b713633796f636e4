// ACLs and quotas in the metadata log: the part of ClusterMetadata that changes them.
#include <algorithm>
#include <ranges>
#include <set>
#include <utility>

#include "broker/metadata/cluster_metadata.hpp"
#include "protocol/messages/records_metadata.hpp"

namespace stoker::broker {

using protocol::encode_metadata_record;

namespace {

Bytes acl_record(const Uuid& id, const Acl& acl) {
    return encode_metadata_record(
        protocol::AccessControlEntryRecord{.id = id,
                                           .resource_type = int8_t(acl.resource),
                                           .resource_name = acl.name,
                                           .pattern_type = int8_t(acl.pattern),
                                           .principal = acl.principal,
                                           .host = acl.host,
                                           .operation = int8_t(acl.operation),
                                           .permission_type = int8_t(acl.permission)},
        0);
}

Bytes quota_record(const QuotaEntity& entity, const std::string& key,
                   const std::optional<double>& value) {
    protocol::ClientQuotaRecord record{
        .key = key, .value = value.value_or(0), .remove = !value.has_value()};
    for (const auto& [type, name] : entity)
        record.entity.push_back({.entity_type = type, .entity_name = name});
    return encode_metadata_record(record, 0);
}

}  // namespace

std::vector<Outcome<void>> ClusterMetadata::create_acls(const std::vector<Acl>& acls) {
    auto writer = writer_.lock();
    std::set<Acl> seen;
    std::vector<Bytes> records;
    std::vector<Acl> added;
    for (const Acl& acl : acls) {
        if (acl_index_.contains(acl) || !seen.insert(acl).second) continue;
        records.push_back(acl_record(random_.uuid(), acl));
        added.push_back(acl);
    }
    Outcome<void> done;
    if (records.size() > records_per_request_max)
        done = refuse(ErrorCode::policy_violation,
                      "Unable to perform excessively large batch operation.");
    else if (!records.empty()) done = commit(*writer, records);
    if (done)
        for (const Acl& acl : added) acl_index_.add(acl);
    return std::vector<Outcome<void>>(acls.size(), done);
}

std::vector<Outcome<std::vector<Acl>>> ClusterMetadata::delete_acls(
    const std::vector<AclFilter>& filters) {
    auto writer = writer_.lock();
    std::set<Uuid> ids;
    std::vector<Outcome<std::vector<Acl>>> results;
    for (const AclFilter& filter : filters) {
        std::vector<Acl> matching;
        for (const auto& [id, acl] : writer->image.acls()) {
            if (!filter.matches(acl)) continue;
            matching.push_back(acl);
            ids.insert(id);
        }
        results.emplace_back(std::move(matching));
    }
    Outcome<void> done;
    std::vector<Bytes> records;
    std::vector<Acl> removed;
    for (const Uuid& id : ids) {
        removed.push_back(writer->image.acls().at(id));
        records.push_back(
            encode_metadata_record(protocol::RemoveAccessControlEntryRecord{.id = id}, 0));
    }
    if (records.size() > records_per_request_max)
        done = refuse(ErrorCode::invalid_request,
                      "Cannot remove more than 10000 acls in a single delete operation.");
    else if (!records.empty()) done = commit(*writer, records);
    if (done)
        for (const Acl& acl : removed) acl_index_.remove(acl);
    else
        for (auto& result : results) result = std::unexpected(done.error());
    return results;
}

std::vector<Acl> ClusterMetadata::acls(const AclFilter& filter) const {
    std::vector<Acl> matching;
    {
        auto writer = writer_.lock();
        for (const Acl& acl : writer->image.acls() | std::views::values)
            if (filter.matches(acl)) matching.push_back(acl);
    }
    std::ranges::sort(matching);
    return matching;
}

Outcome<void> ClusterMetadata::alter_quotas(const std::vector<QuotaChange>& changes) {
    auto writer = writer_.lock();
    std::vector<Bytes> records;
    for (const QuotaChange& change : changes) {
        auto found = writer->image.quotas().find(change.entity);
        static const QuotaValues none;
        const QuotaValues& current = found == writer->image.quotas().end() ? none : found->second;
        for (const auto& [key, value] : change.values) {
            auto now = current.find(key);
            bool same = value ? now != current.end() && now->second == *value
                              : now == current.end();
            if (!same) records.push_back(quota_record(change.entity, key, value));
        }
    }
    if (records.size() > records_per_request_max)
        return refuse(ErrorCode::policy_violation,
                      "Unable to perform excessively large batch operation.");
    if (records.empty()) return {};
    return commit(*writer, records);
}

}  // namespace stoker::broker
