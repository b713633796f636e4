#include "broker/authentication/scram_users.hpp"

#include <utility>

namespace stoker::broker {

using security::ScramLookup;

ScramUsers::ScramUsers(security::ScramMechanism mechanism, const ScramDirectory& directory,
                       const std::map<std::string, std::string, std::less<>>& passwords)
    : mechanism_(mechanism), directory_(directory) {
    for (const auto& [user, password] : passwords)
        configured_[user] = security::scram_credential(mechanism, password);
}

ScramLookup ScramUsers::find(const std::string& user) const {
    ScramLookup found = directory_.find(mechanism_, user);
    auto configured = configured_.find(user);
    if (!found.credential && configured != configured_.end())
        found.credential = configured->second;
    return found;
}

}  // namespace stoker::broker
