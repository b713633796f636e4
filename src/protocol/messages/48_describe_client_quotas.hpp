// DescribeClientQuotas (API 48): the quotas of users, clients and addresses (KIP-546).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeClientQuotasRequest {
    static constexpr Api api{
        .key = 48, .name = "DescribeClientQuotas", .versions = {0, 1}, .flexible = 1};

    struct ComponentData {
        std::string entity_type;  // "user", "client-id" or "ip"
        int8_t match_type = 0;  // 0: by name, 1: the default, 2: any that is named
        std::optional<std::string> match = "";

        using Self = ComponentData;
        static constexpr auto fields = Fields{
            field<&Self::entity_type>,
            field<&Self::match_type>,
            field<&Self::match>};
        bool operator==(const ComponentData&) const = default;
    };

    std::vector<ComponentData> components;
    bool strict = false;  // not those with further entity types

    using Self = DescribeClientQuotasRequest;
    static constexpr auto fields = Fields{
        field<&Self::components>,
        field<&Self::strict>};
    bool operator==(const DescribeClientQuotasRequest&) const = default;
};

struct DescribeClientQuotasResponse {
    static constexpr Api api = DescribeClientQuotasRequest::api;

    struct EntityData {
        std::string entity_type;  // "user", "client-id" or "ip"
        std::optional<std::string> entity_name = "";  // null: the default

        using Self = EntityData;
        static constexpr auto fields = Fields{
            field<&Self::entity_type>,
            field<&Self::entity_name>};
        bool operator==(const EntityData&) const = default;
    };

    struct ValueData {
        std::string key;
        double value = 0;

        using Self = ValueData;
        static constexpr auto fields = Fields{
            field<&Self::key>,
            field<&Self::value>};
        bool operator==(const ValueData&) const = default;
    };

    struct EntryData {
        std::vector<EntityData> entity;
        std::vector<ValueData> values;

        using Self = EntryData;
        static constexpr auto fields = Fields{
            field<&Self::entity>,
            field<&Self::values>};
        bool operator==(const EntryData&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::optional<std::vector<EntryData>> entries = std::vector<EntryData>{};  // null with an error

    using Self = DescribeClientQuotasResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::entries>};
    bool operator==(const DescribeClientQuotasResponse&) const = default;
};

}  // namespace stoker::protocol
