// Transactions that nobody will ever end: open in a partition, unknown to their coordinator
// (kafka-transactions find-hanging). And how that tool ends with an error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/tool.hpp"
#include "kafka/admin.hpp"

namespace stoker::cli {

/// The message on standard error, status 1.
[[noreturn]] void exit_with(Streams& io, const std::string& message);
/// The same with the text of what went wrong.
[[noreturn]] void exit_with_failure(Streams& io, const std::string& message,
                                    const kafka::Failure& why);

struct HangingSearch {
    std::optional<std::string> topic{};
    std::optional<int32_t> partition{};
    std::optional<int32_t> broker{};
    int64_t timeout_min = 15;
};

void find_hanging_transactions(Streams& io, kafka::Admin& admin, const HangingSearch& search);

}  // namespace stoker::cli
