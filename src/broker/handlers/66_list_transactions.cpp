// ListTransactions (66), versions 0 to 2.
//
// Behaviour: there is no transaction coordinator yet, so none is listed; states that are none are
// told (KIP-664), and so is a pattern that is no regular expression (KIP-1152).
#include <algorithm>
#include <array>
#include <string_view>

#include "broker/broker.hpp"
#include "broker/group/consumer/topic_regex.hpp"
#include "broker/handlers/handlers.hpp"

namespace stoker::broker {

namespace {

using namespace std::string_view_literals;
constexpr std::array states{"Empty"sv,          "Ongoing"sv,       "PrepareCommit"sv,
                            "PrepareAbort"sv,   "CompleteCommit"sv, "CompleteAbort"sv,
                            "Dead"sv,           "PrepareEpochFence"sv};

}  // namespace

void list_transactions(Broker&, const Request&, protocol::ListTransactionsRequest asked,
                       Reply<protocol::ListTransactionsResponse> reply) {
    protocol::ListTransactionsResponse response;
    if (asked.transactional_id_pattern && regex_error(*asked.transactional_id_pattern)) {
        response.error_code = ErrorCode::invalid_regular_expression;
        return std::move(reply)(response);
    }
    for (const auto& state : asked.state_filters)
        if (std::ranges::find(states, state) == states.end())
            response.unknown_state_filters.push_back(state);
    std::move(reply)(response);
}

}  // namespace stoker::broker
