// DescribeClientQuotas (48), versions 0 and 1.
//
// Behaviour: the quotas whose entities match all components of the filter; `strict` leaves out
// those that are about more than was asked for (KIP-546).
#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/broker.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/security/access.hpp"

namespace stoker::broker {

using protocol::DescribeClientQuotasRequest;
using protocol::DescribeClientQuotasResponse;

namespace {

enum class Match : int8_t { exact = 0, of_default = 1, any_named = 2 };

/// What an entity must be: these names, and parts of these kinds whatever their names.
struct Filter {
    QuotaEntity exact;
    std::set<std::string> present;

    bool names(const std::string& kind) const {
        return exact.contains(kind) || present.contains(kind);
    }
    bool matches(const QuotaEntity& entity, bool strict) const {
        if (strict && entity.size() != exact.size() + present.size()) return false;
        for (const auto& [kind, name] : exact)
            if (auto found = entity.find(kind); found == entity.end() || found->second != name)
                return false;
        return std::ranges::all_of(
            present, [&](const std::string& kind) { return entity.contains(kind); });
    }
};

Outcome<void> add(Filter& filter, const DescribeClientQuotasRequest::ComponentData& component) {
    constexpr ErrorCode invalid = ErrorCode::invalid_request;
    const std::string& kind = component.entity_type;
    if (kind.empty()) return refuse(invalid, "Invalid empty entity type.");
    if (filter.names(kind))
        return refuse(invalid, "Entity type " + kind +
                                   " cannot appear more than once in the filter.");
    if (kind != quota_ip && kind != quota_user && kind != quota_client)
        return refuse(ErrorCode::unsupported_version, "Unsupported entity type " + kind);
    switch (Match{component.match_type}) {
        case Match::exact:
            if (!component.match)
                return refuse(invalid, "Request specified MATCH_TYPE_EXACT, but set match string "
                                       "to null.");
            filter.exact[kind] = component.match;
            return {};
        case Match::of_default:
            if (component.match)
                return refuse(invalid, "Request specified MATCH_TYPE_DEFAULT, but also specified "
                                       "a match string.");
            filter.exact[kind] = std::nullopt;
            return {};
        case Match::any_named:
            if (component.match)
                return refuse(invalid, "Request specified MATCH_TYPE_SPECIFIED, but also "
                                       "specified a match string.");
            filter.present.insert(kind);
            return {};
    }
    return refuse(invalid, "Unknown match type " + std::to_string(component.match_type));
}

Outcome<Filter> filter_of(const DescribeClientQuotasRequest& asked) {
    Filter filter;
    for (const auto& component : asked.components)
        if (auto added = add(filter, component); !added) return std::unexpected(added.error());
    if (filter.names(quota_ip) && (filter.names(quota_user) || filter.names(quota_client)))
        return refuse(ErrorCode::invalid_request,
                      "Invalid entity filter component combination. IP filter component should "
                      "not be used with user or clientId filter component.");
    return filter;
}

DescribeClientQuotasResponse refused(ErrorCode error, std::string message) {
    return {.error_code = error,
            .error_message = std::move(message),
            .entries = std::nullopt};
}

}  // namespace

void describe_client_quotas(Broker& broker, const Request& request,
                            DescribeClientQuotasRequest asked,
                            Reply<DescribeClientQuotasResponse> reply) {
    if (!Access(broker, request).allows(Right::describe_quotas)) {
        ErrorCode error = row_of(Right::describe_quotas).error;
        return std::move(reply)(refused(error, authorization_message(error)));
    }
    auto filter = filter_of(asked);
    if (!filter) return std::move(reply)(refused(filter.error().code, filter.error().message));
    DescribeClientQuotasResponse response;
    for (const auto& [entity, values] : broker.metadata().quotas()) {
        if (!filter->matches(entity, asked.strict)) continue;
        auto& entry = response.entries->emplace_back();
        for (const auto& [kind, name] : entity)
            entry.entity.push_back({.entity_type = kind, .entity_name = name});
        for (const auto& [key, value] : values)
            entry.values.push_back({.key = key, .value = value});
    }
    std::move(reply)(response);
}

}  // namespace stoker::broker
