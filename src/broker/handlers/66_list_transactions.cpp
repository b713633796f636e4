// ListTransactions (66), versions 0 to 2.
//
// Behaviour: there is no transaction coordinator yet, so none is listed; states that are none are
// told (KIP-664).
#include <algorithm>
#include <array>
#include <string_view>

#include "broker/broker.hpp"
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
    for (const auto& state : asked.state_filters)
        if (std::ranges::find(states, state) == states.end())
            response.unknown_state_filters.push_back(state);
    std::move(reply)(response);
}

}  // namespace stoker::broker
