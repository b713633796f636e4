// EndTxn (API 26): commits or aborts a transaction (KIP-98). From version 5 on every transaction
// has an epoch of its own, and the answer is the producer's next one (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct EndTxnRequest {
    static constexpr Api api{.key = 26, .name = "EndTxn", .versions = {0, 5}, .flexible = 3};

    std::string transactional_id;
    ProducerId producer_id{};
    int16_t producer_epoch = 0;
    bool committed = false;

    using Self = EndTxnRequest;
    static constexpr auto fields = Fields{
        field<&Self::transactional_id>,
        field<&Self::producer_id>,
        field<&Self::producer_epoch>,
        field<&Self::committed>};
    bool operator==(const EndTxnRequest&) const = default;
};

struct EndTxnResponse {
    static constexpr Api api = EndTxnRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    ProducerId producer_id = ProducerId::none;
    int16_t producer_epoch = -1;

    using Self = EndTxnResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::producer_id, ignorable(since(5))>,
        field<&Self::producer_epoch, ignorable(since(5))>};
    bool operator==(const EndTxnResponse&) const = default;
};

}  // namespace stoker::protocol
