// SASL PLAIN (RFC 4616), the server's side: user and password as they are. The passwords of the
// users are kept as digests only, all of one size, so that comparing takes the same time for each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "security/sasl.hpp"

namespace stoker::security {

/// The users of a listener. Immutable; any thread.
class PlainUsers {
public:
    explicit PlainUsers(const std::map<std::string, std::string, std::less<>>& passwords);

    /// Takes as long for a user that there is not.
    bool admits(std::string_view user, std::string_view password) const;

private:
    Bytes key_;  // of this process: a digest of a password is worth nothing elsewhere
    Bytes nobody_;
    std::map<std::string, Bytes, std::less<>> digests_;
};

std::unique_ptr<SaslServer> plain_server(std::shared_ptr<const PlainUsers> users);

}  // namespace stoker::security
