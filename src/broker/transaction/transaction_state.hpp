// The states of a transaction, with Apache Kafka's numbers (in the log) and names (for people).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stoker::broker {

/// `dead` and `prepare_epoch_fence` are upstream's for what takes a while there: an id that is
/// being forgotten, a producer that is being fenced. Here both are done at once, so that no
/// transaction is ever in them; a filter may still name them.
enum class TransactionState : int8_t {
    empty = 0,           // there is a producer, which has done nothing yet
    ongoing = 1,
    prepare_commit = 2,  // decided; the partitions hear of it
    prepare_abort = 3,
    complete_commit = 4,
    complete_abort = 5,
    dead = 6,
    prepare_epoch_fence = 7,
};

inline constexpr std::array<std::string_view, 8> transaction_state_names{
    "Empty",         "Ongoing", "PrepareCommit",    "PrepareAbort", "CompleteCommit",
    "CompleteAbort", "Dead",    "PrepareEpochFence"};

constexpr std::string_view name(TransactionState state) {
    return transaction_state_names[static_cast<size_t>(state)];
}

constexpr std::optional<TransactionState> parse_transaction_state(std::string_view text) {
    for (size_t i = 0; i < transaction_state_names.size(); ++i)
        if (transaction_state_names[i] == text) return static_cast<TransactionState>(i);
    return std::nullopt;
}

/// Decided, and not known everywhere yet: nothing else may happen to it.
constexpr bool is_ending(TransactionState state) {
    return state == TransactionState::prepare_commit || state == TransactionState::prepare_abort;
}
/// Nothing is open, so that the id can be forgotten.
constexpr bool is_idle(TransactionState state) {
    return state == TransactionState::empty || state == TransactionState::complete_commit ||
           state == TransactionState::complete_abort;
}

}  // namespace stoker::broker
