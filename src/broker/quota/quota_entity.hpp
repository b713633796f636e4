// Whom a quota is about: a user, a client id, both, or an address, by name or as the default of all
// that have none of their own (KIP-13, KIP-55, KIP-546, KIP-612).
#pragma once

#include <map>
#include <optional>
#include <string>

namespace stoker::broker {

inline const std::string quota_user = "user";
inline const std::string quota_client = "client-id";
inline const std::string quota_ip = "ip";

/// From the kind of entity to its name; nothing for the default.
using QuotaEntity = std::map<std::string, std::optional<std::string>>;
/// From the config's name ("producer_byte_rate") to its value.
using QuotaValues = std::map<std::string, double>;
using QuotaMap = std::map<QuotaEntity, QuotaValues>;

}  // namespace stoker::broker
