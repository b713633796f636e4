// May these batches begin the producer's transaction in their partitions? Asked of the transaction
// coordinator before a transactional batch is appended (KIP-890): a partition that the coordinator
// does not know of would never be told how the transaction ended. Of clients of transactions v2 the
// partitions are added on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "base/ids.hpp"
#include "storage/topic_partition.hpp"
#include "storage/transaction_verification.hpp"

namespace stoker::broker {

class Broker;
class Partition;

/// What the transaction coordinator is asked: whether each partition is part of the producer's
/// ongoing transaction; with `add` it is made so first. One code a partition, on any thread.
using AskCoordinator = std::function<void(
    const std::string& transactional_id, ProducerId producer, int16_t epoch,
    std::vector<storage::TopicPartition> partitions, bool add,
    std::function<void(std::vector<ErrorCode>)> done)>;

struct TransactionClaim {
    std::string transactional_id;
    ProducerId producer = ProducerId::none;
    int16_t epoch = -1;
    /// Of transactions v2: partitions are added.
    bool adds = false;
    /// The client knows TRANSACTION_ABORTABLE.
    bool knows_abortable = false;
    /// CONCURRENT_TRANSACTIONS is tried again for a moment (add.partitions.to.txn.retry.*): the
    /// last transaction is just being ended.
    bool patient = false;
};

struct ClaimedPartition {
    std::shared_ptr<Partition> partition;
    int32_t base_sequence = -1;
};

struct Verification {
    ErrorCode error = ErrorCode::none;
    /// For the append; none where the transaction is open in the partition already.
    storage::VerificationGuard guard = storage::VerificationGuard::none;
};

/// Which of the partitions the coordinator has to be asked about.
class PartitionVerification {
public:
    PartitionVerification(Broker& broker, TransactionClaim claim,
                          std::vector<ClaimedPartition> partitions);

    /// Nobody needs to be asked: the answers are there.
    bool settled() const { return asked_.empty(); }
    /// In the order of the partitions.
    std::vector<Verification> take() && { return std::move(answers_); }

    using Done = std::function<void(std::vector<Verification>)>;
    /// Asks, and calls back once with all answers, on any thread.
    void ask(Done done) &&;

private:
    struct Asking;
    /// Asks the partitions' logs. Again before each further question to the coordinator: a marker
    /// that came in between has made the guards void.
    void begin();
    static void ask(const std::shared_ptr<Asking>& asking);
    static void settle(const std::shared_ptr<Asking>& asking, const std::vector<ErrorCode>& codes);

    Broker& broker_;
    TransactionClaim claim_;
    std::vector<ClaimedPartition> partitions_;
    std::vector<Verification> answers_;
    /// Those to ask about, and where their answers belong.
    std::vector<storage::TopicPartition> asked_;
    std::vector<size_t> places_;
};

}  // namespace stoker::broker
