// A Produce request with transactional batches, before any of them is appended: each partition's
// transaction has to be open there, or the transaction coordinator is asked (KIP-890).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "broker/produce/batch_rules.hpp"
#include "broker/request.hpp"
#include "protocol/messages/00_produce.hpp"
#include "storage/transaction_verification.hpp"

namespace stoker::broker {

class Broker;

/// What was found out about one partition's batch.
struct ProduceVerdict {
    BatchRefusal refusal;  // none: append it
    storage::VerificationGuard guard = storage::VerificationGuard::none;
};
/// By topic and partition, in the order of the request.
using ProduceVerdicts = std::vector<std::vector<ProduceVerdict>>;

/// Goes on with the request, whose bytes are there until it returns.
using GoOn =
    std::move_only_function<void(protocol::ProduceRequest&, const ProduceVerdicts&)>;

/// Calls `go_on` once: at once, or when the coordinator has answered, on any thread. Until then the
/// session hands over nothing more, so that no batch of the producer overtakes another; the bytes
/// of the request are kept.
void verify_transaction(Broker& broker, const Request& request, protocol::ProduceRequest asked,
                        GoOn go_on);

}  // namespace stoker::broker
