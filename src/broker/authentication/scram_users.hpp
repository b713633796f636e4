// SCRAM's users: those of the metadata log, which AlterUserScramCredentials changes, and those that
// the configuration names (user_NAME="password" in the JAAS entry), over whom the former win.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "security/scram_server.hpp"

namespace stoker::broker {

/// Where the metadata log's users are looked up. Any thread.
class ScramDirectory {
public:
    virtual ~ScramDirectory() = default;
    virtual security::ScramLookup find(security::ScramMechanism mechanism,
                                       const std::string& user) const = 0;
};

/// Immutable; any thread.
class ScramUsers {
public:
    ScramUsers(security::ScramMechanism mechanism, const ScramDirectory& directory,
               const std::map<std::string, std::string, std::less<>>& passwords);

    security::ScramLookup find(const std::string& user) const;
    security::ScramMechanism mechanism() const { return mechanism_; }

private:
    security::ScramMechanism mechanism_;
    const ScramDirectory& directory_;
    std::map<std::string, security::ScramCredential, std::less<>> configured_;
};

}  // namespace stoker::broker
