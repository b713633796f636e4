// What a handler asks about the rights of who sent its request: by a row of the authorization
// table. Without an authorizer everything is allowed and nothing is looked up.
//
// Cheap to copy where there is no authorizer; a copy may outlive the request, not the broker.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "broker/security/authorization_table.hpp"
#include "broker/security/authorizer.hpp"

namespace stoker::broker {

class Broker;
struct Request;

/// The names of a request that its sender has a right to.
class AllowedNames {
public:
    bool contains(std::string_view name) const {
        if (all_) return true;
        auto found = names_.find(name);
        return found != names_.end() && found->second;
    }

    static AllowedNames none() {
        AllowedNames names;
        names.all_ = false;
        return names;
    }

private:
    friend class Access;
    bool all_ = true;
    std::map<std::string, bool, std::less<>> names_;
};

class Access {
public:
    Access(const Broker& broker, const Request& request);

    /// False where nobody is denied anything.
    bool enforced() const { return authorizer_ != nullptr; }
    /// The cluster has the one name; `references` is how often the request names the resource.
    bool allows(Right right, std::string_view name = cluster_resource_name,
                int references = 1) const;
    /// The right to any resource of the row's kind at all.
    bool allows_any(Right right) const;
    /// Asks about each name once. `name_of` gives the name of one of `things`.
    template <std::ranges::range Things, class NameOf>
    AllowedNames filter(Right right, const Things& things, NameOf name_of) const;
    /// The bit field of KIP-430: what the sender may do with a resource.
    int32_t operations(AclResource resource, std::string_view name = cluster_resource_name) const;

private:
    const Authorizer* authorizer_;
    Caller caller_;
};

template <std::ranges::range Things, class NameOf>
AllowedNames Access::filter(Right right, const Things& things, NameOf name_of) const {
    AllowedNames allowed;
    if (!enforced()) return allowed;
    allowed.all_ = false;
    std::map<std::string, int, std::less<>> references;
    for (const auto& thing : things) ++references[std::string(std::invoke(name_of, thing))];
    for (const auto& [name, count] : references)
        allowed.names_.emplace(name, allows(right, name, count));
    return allowed;
}

/// An answer that is nothing but the row's error, in the two members that most answers have.
template <class Response>
Response denied(Right right) {
    Response response;
    response.error_code = row_of(right).error;
    if constexpr (requires { response.error_message = std::string(); })
        response.error_message = authorization_message(response.error_code);
    return response;
}

}  // namespace stoker::broker
