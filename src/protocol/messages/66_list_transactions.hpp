// ListTransactions (API 66): the transactions of a coordinator, filtered if asked (KIP-664).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct ListTransactionsRequest {
    static constexpr Api api{
        .key = 66, .name = "ListTransactions", .versions = {0, 2}, .flexible = 0};

    std::vector<std::string> state_filters;  // empty here and below: all
    std::vector<ProducerId> producer_id_filters;
    int64_t duration_filter = -1;  // open for longer than so many ms; below 0: all (KIP-994)
    std::optional<std::string> transactional_id_pattern;  // a regular expression (KIP-1152)

    using Self = ListTransactionsRequest;
    static constexpr auto fields = Fields{
        field<&Self::state_filters>,
        field<&Self::producer_id_filters>,
        field<&Self::duration_filter, since(1)>,
        field<&Self::transactional_id_pattern, since(2)>};
    bool operator==(const ListTransactionsRequest&) const = default;
};

struct ListTransactionsResponse {
    static constexpr Api api = ListTransactionsRequest::api;

    struct TransactionState {
        std::string transactional_id;
        ProducerId producer_id{};
        std::string transaction_state;

        using Self = TransactionState;
        static constexpr auto fields = Fields{
            field<&Self::transactional_id>,
            field<&Self::producer_id>,
            field<&Self::transaction_state>};
        bool operator==(const TransactionState&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> unknown_state_filters;
    std::vector<TransactionState> transaction_states;

    using Self = ListTransactionsResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::unknown_state_filters>,
        field<&Self::transaction_states>};
    bool operator==(const ListTransactionsResponse&) const = default;
};

}  // namespace stoker::protocol
