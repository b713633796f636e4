// AlterClientQuotas (49), versions 0 and 1.
//
// Behaviour: sets and takes back quotas, each entity for itself; they count at once and are kept in
// the metadata log (KIP-546).
#include <string>
#include <vector>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/quota/quota_rules.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::AlterClientQuotasRequest;
using protocol::AlterClientQuotasResponse;

namespace {

using Entry = AlterClientQuotasRequest::EntryData;

QuotaEntity entity_of(const Entry& entry) {
    QuotaEntity entity;
    for (const auto& part : entry.entity) entity[part.entity_type] = part.entity_name;
    return entity;
}

Outcome<ClusterMetadata::QuotaChange> change_of(const Entry& entry) {
    ClusterMetadata::QuotaChange change{.entity = entity_of(entry), .values = {}};
    for (const auto& op : entry.ops) {
        auto value = op.remove ? std::nullopt : std::optional(op.value);
        if (!change.values.emplace(op.key, value).second)
            return refuse(ErrorCode::invalid_request, "Duplicate quota key " + op.key +
                                                          " not updating quota for this entity " +
                                                          to_string(change.entity));
    }
    if (auto fine = check_quota_entity(change.entity); !fine)
        return std::unexpected(fine.error());
    if (auto fine = check_quota_values(change.entity, change.values); !fine)
        return std::unexpected(fine.error());
    return change;
}

AlterClientQuotasResponse::EntryData answer_to(const Entry& entry) {
    AlterClientQuotasResponse::EntryData answer{.error_message = std::nullopt};
    for (const auto& part : entry.entity)
        answer.entity.push_back({.entity_type = part.entity_type, .entity_name = part.entity_name});
    return answer;
}

void refuse_entry(AlterClientQuotasResponse::EntryData& answer, const Refusal& why) {
    answer.error_code = why.code;
    answer.error_message = why.message;
}

/// Of an entity that is named twice the first changes count, and the answer is a refusal.
AlterClientQuotasResponse alter(Broker& broker, const AlterClientQuotasRequest& asked) {
    AlterClientQuotasResponse response;
    std::vector<ClusterMetadata::QuotaChange> changes;
    std::map<QuotaEntity, size_t> answers;
    for (const Entry& entry : asked.entries) {
        QuotaEntity entity = entity_of(entry);
        auto [seen, is_new] = answers.emplace(entity, response.entries.size());
        if (!is_new) {
            refuse_entry(response.entries[seen->second],
                         {ErrorCode::invalid_request,
                          "Ignoring duplicate entity " + to_string(entity)});
            continue;
        }
        auto& answer = response.entries.emplace_back(answer_to(entry));
        auto change = change_of(entry);
        if (change) changes.push_back(std::move(*change));
        else refuse_entry(answer, change.error());
    }
    if (asked.validate_only) return response;
    auto altered = broker.metadata().alter_quotas(changes);
    if (!altered)
        for (auto& answer : response.entries) refuse_entry(answer, altered.error());
    broker.take_quotas();
    return response;
}

}  // namespace

void alter_client_quotas(Broker& broker, const Request& request, AlterClientQuotasRequest asked,
                         Reply<AlterClientQuotasResponse> reply) {
    if (Access(broker, request).allows(Right::alter_quotas))
        return std::move(reply)(alter(broker, asked));
    AlterClientQuotasResponse refused;
    ErrorCode error = row_of(Right::alter_quotas).error;
    for (const Entry& entry : asked.entries)
        refuse_entry(refused.entries.emplace_back(answer_to(entry)),
                     {error, authorization_message(error)});
    std::move(reply)(refused);
}

}  // namespace stoker::broker
