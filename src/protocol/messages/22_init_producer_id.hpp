// InitProducerId (API 22): an id and epoch for an idempotent or transactional producer. Version 6
// (two-phase commit, KIP-939) is not yet stable in Kafka 4.3 and is left out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct InitProducerIdRequest {
    static constexpr Api api{
        .key = 22, .name = "InitProducerId", .versions = {0, 5}, .flexible = 2};

    std::optional<std::string> transactional_id = "";  // null for plain idempotence
    int32_t transaction_timeout_ms = 0;
    ProducerId producer_id = ProducerId::none;  // of the producer that goes on (KIP-360)
    int16_t producer_epoch = -1;

    using Self = InitProducerIdRequest;
    static constexpr auto fields = Fields{
        field<&Self::transactional_id>,
        field<&Self::transaction_timeout_ms>,
        field<&Self::producer_id, since(3)>,
        field<&Self::producer_epoch, since(3)>};
    bool operator==(const InitProducerIdRequest&) const = default;
};

struct InitProducerIdResponse {
    static constexpr Api api = InitProducerIdRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    ProducerId producer_id = ProducerId::none;
    int16_t producer_epoch = 0;

    using Self = InitProducerIdResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::producer_id>,
        field<&Self::producer_epoch>};
    bool operator==(const InitProducerIdResponse&) const = default;
};

}  // namespace stoker::protocol
