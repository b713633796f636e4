// AlterClientQuotas (API 49): sets and removes quotas of users, clients and addresses (KIP-546).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AlterClientQuotasRequest {
    static constexpr Api api{
        .key = 49, .name = "AlterClientQuotas", .versions = {0, 1}, .flexible = 1};

    struct EntityData {
        std::string entity_type;  // "user", "client-id" or "ip"
        std::optional<std::string> entity_name = "";  // null: the default

        using Self = EntityData;
        static constexpr auto fields = Fields{
            field<&Self::entity_type>,
            field<&Self::entity_name>};
        bool operator==(const EntityData&) const = default;
    };

    struct OpData {
        std::string key;
        double value = 0;  // not looked at when removed
        bool remove = false;

        using Self = OpData;
        static constexpr auto fields = Fields{
            field<&Self::key>,
            field<&Self::value>,
            field<&Self::remove>};
        bool operator==(const OpData&) const = default;
    };

    struct EntryData {
        std::vector<EntityData> entity;
        std::vector<OpData> ops;

        using Self = EntryData;
        static constexpr auto fields = Fields{
            field<&Self::entity>,
            field<&Self::ops>};
        bool operator==(const EntryData&) const = default;
    };

    std::vector<EntryData> entries;
    bool validate_only = false;

    using Self = AlterClientQuotasRequest;
    static constexpr auto fields = Fields{
        field<&Self::entries>,
        field<&Self::validate_only>};
    bool operator==(const AlterClientQuotasRequest&) const = default;
};

struct AlterClientQuotasResponse {
    static constexpr Api api = AlterClientQuotasRequest::api;

    struct EntityData {
        std::string entity_type;  // "user", "client-id" or "ip"
        std::optional<std::string> entity_name = "";  // null: the default

        using Self = EntityData;
        static constexpr auto fields = Fields{
            field<&Self::entity_type>,
            field<&Self::entity_name>};
        bool operator==(const EntityData&) const = default;
    };

    struct EntryData {
        ErrorCode error_code = ErrorCode::none;
        std::optional<std::string> error_message = "";
        std::vector<EntityData> entity;

        using Self = EntryData;
        static constexpr auto fields = Fields{
            field<&Self::error_code>,
            field<&Self::error_message>,
            field<&Self::entity>};
        bool operator==(const EntryData&) const = default;
    };

    int32_t throttle_time_ms = 0;
    std::vector<EntryData> entries;

    using Self = AlterClientQuotasResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::entries>};
    bool operator==(const AlterClientQuotasResponse&) const = default;
};

}  // namespace stoker::protocol
