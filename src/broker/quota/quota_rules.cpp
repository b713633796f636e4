#include "broker/quota/quota_rules.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

namespace stoker::broker {

namespace {

enum class Type : uint8_t { real, int32, int64 };

struct Key {
    std::string_view name;
    bool of_ip;
    Type type;
};
constexpr std::array keys{
    Key{"producer_byte_rate", false, Type::int64},
    Key{"consumer_byte_rate", false, Type::int64},
    Key{"request_percentage", false, Type::real},
    Key{"controller_mutation_rate", false, Type::real},
    Key{"connection_creation_rate", true, Type::int32},
};

std::unexpected<Refusal> invalid(std::string message) {
    return refuse(ErrorCode::invalid_request, std::move(message));
}

bool is_address(const std::string& text) {
    in6_addr address{};
    return text == "localhost" || inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

Outcome<void> check_value(const Key& key, double value) {
    constexpr double negligible = 1e-6;
    std::string name(key.name);
    if (!(value > 0)) return invalid("Quota " + name + " must be greater than 0");
    if (key.type == Type::real) return {};
    bool small = key.type == Type::int32;
    double most = small ? double(std::numeric_limits<int32_t>::max())
                        : double(std::numeric_limits<int64_t>::max());
    if (value > most)
        return invalid("Proposed value for " + name + " is too large for " +
                       (small ? "an INT." : "a LONG."));
    if (std::fabs(std::fmod(value, 1.0)) > negligible)
        return invalid(name + " cannot be a fractional value.");
    return {};
}

}  // namespace

std::string to_string(const QuotaEntity& entity) {
    std::string text = "ClientQuotaEntity(entries={";
    bool first = true;
    for (const auto& [kind, name] : entity) {
        if (!first) text.append(", ");
        first = false;
        text.append(kind).append("=").append(name.value_or("null"));
    }
    return text.append("})");
}

Outcome<void> check_quota_entity(const QuotaEntity& entity) {
    if (entity.empty()) return invalid("Invalid empty client quota entity");
    for (const auto& [kind, name] : entity) {
        if (kind != quota_user && kind != quota_client && kind != quota_ip)
            return invalid("Unhandled client quota entity type: " + kind);
        if (name && name->empty()) return invalid("Empty " + kind + " not supported");
    }
    auto ip = entity.find(quota_ip);
    if (ip == entity.end()) return {};
    if (entity.size() > 1)
        return invalid("Invalid quota entity combination, IP entity shouldnot be combined with "
                       "User or ClientId");
    if (ip->second && !is_address(*ip->second))
        return invalid(*ip->second + " is not a valid IP or resolvable host.");
    return {};
}

Outcome<void> check_quota_values(const QuotaEntity& entity,
                                 const std::map<std::string, std::optional<double>>& values) {
    bool of_ip = entity.contains(quota_ip);
    for (const auto& [name, value] : values) {
        if (!value) continue;  // what is taken back may be anything
        const auto* key = std::ranges::find(keys, name, &Key::name);
        if (key == keys.end() || key->of_ip != of_ip)
            return invalid("Invalid configuration key " + name);
        if (auto fine = check_value(*key, *value); !fine) return fine;
    }
    return {};
}

}  // namespace stoker::broker
