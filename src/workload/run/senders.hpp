// Senders: the producers of a run, wherever they are: threads of this process (local_senders.hpp)
// or of processes of their own (worker/worker_senders.hpp), so that a run need not care.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kafka/client_properties.hpp"
#include "workload/ledger/sent_ledger.hpp"
#include "workload/sender/sender_stats.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

/// What every sender has to know of the run.
struct SendersPlan {
    uint64_t run_id = 0;
    uint64_t seed = 0;
    std::vector<std::string> topics{};
    /// What the monotonic clock and the wall clock said at the same time.
    int64_t base_ns = 0;
    int64_t base_wall_ns = 0;
};

/// What they have to say at the end. It adds up exactly.
struct SendersResult {
    SenderStats stats{};
    std::vector<SentLedger> ledgers{};  ///< one a producer, in their order
    std::optional<std::string> failure{};
    int64_t answered_ns = 0;   ///< when the last answer came, on the monotonic clock
    double sender_share = 0;   ///< of a core, that the busiest sender used
    double library_share = 0;  ///< the same of threads of the client library, where it is known

    /// `other` has the producers behind these.
    void append(SendersResult other);
};

/// Called by one thread, in the order of the declarations. Nothing waits but the destructor, which
/// ends what was begun.
class Senders {
public:
    virtual ~Senders() = default;

    /// Begins to connect.
    virtual void connect(const SendersPlan& plan) = 0;
    /// All are connected, or were refused.
    virtual bool ready() = 0;
    virtual std::optional<std::string> refused() = 0;
    virtual void go(int64_t start_ns) = 0;
    /// Ends the load early; messages on their way are still waited for. May be called again.
    virtual void stop() = 0;
    virtual SenderStats stats() = 0;
    virtual bool done() = 0;
    /// After done().
    virtual SendersResult take() = 0;
    /// Threads of this process that send.
    virtual std::set<int> threads() const = 0;
};

/// The first eight digits of a run's id, which its topics and groups have in their names.
std::string run_name(uint64_t run_id);

/// `properties` with what the workload wants of its producers.
kafka::ClientProperties producer_properties(const Workload& workload,
                                            kafka::ClientProperties properties, uint64_t run_id,
                                            int producer);

}  // namespace stoker::workload
