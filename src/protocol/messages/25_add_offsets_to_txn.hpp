// AddOffsetsToTxn (API 25): the offsets of a group become part of a transaction before they are
// committed in it (KIP-98). Producers of transactions version 2 do not need it (KIP-890).
#pragma once

#include <cstdint>
#include <string>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct AddOffsetsToTxnRequest {
    static constexpr Api api{
        .key = 25, .name = "AddOffsetsToTxn", .versions = {0, 4}, .flexible = 3};

    std::string transactional_id;
    ProducerId producer_id{};
    int16_t producer_epoch = 0;
    std::string group_id;

    using Self = AddOffsetsToTxnRequest;
    static constexpr auto fields = Fields{
        field<&Self::transactional_id>,
        field<&Self::producer_id>,
        field<&Self::producer_epoch>,
        field<&Self::group_id>};
    bool operator==(const AddOffsetsToTxnRequest&) const = default;
};

struct AddOffsetsToTxnResponse {
    static constexpr Api api = AddOffsetsToTxnRequest::api;

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    using Self = AddOffsetsToTxnResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>};
    bool operator==(const AddOffsetsToTxnResponse&) const = default;
};

}  // namespace stoker::protocol
