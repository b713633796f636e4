// The transaction coordinator of a broker, upon its __transaction_state: replays the topic, and
// gives the coordinator what it asks of its environment.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "broker/transaction/transaction_coordinator.hpp"

namespace stoker::broker {

class Broker;

/// The broker outlives it; on_loaded() is the caller's, once the broker can write markers. The
/// error is a sentence that says what to do.
std::expected<std::unique_ptr<TransactionCoordinator>, std::string> open_transactions(
    Broker& broker);

}  // namespace stoker::broker
