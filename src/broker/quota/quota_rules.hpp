// What AlterClientQuotas accepts, in Apache Kafka's words (KIP-546).
#pragma once

#include <map>
#include <optional>
#include <string>

#include "broker/outcome.hpp"
#include "broker/quota/quota_entity.hpp"

namespace stoker::broker {

/// "ClientQuotaEntity(entries={user=ann})"
std::string to_string(const QuotaEntity& entity);

/// INVALID_REQUEST. Addresses are addresses, or "localhost": no name is looked up.
Outcome<void> check_quota_entity(const QuotaEntity& entity);
/// Each value that is set, for an entity that is one.
Outcome<void> check_quota_values(const QuotaEntity& entity,
                                 const std::map<std::string, std::optional<double>>& values);

}  // namespace stoker::broker
