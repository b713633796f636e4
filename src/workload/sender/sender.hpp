// Sender: one producer of the load, on a thread of its own. It sends each message at its time or,
// when it comes late, at once; nothing that the cluster does moves the times. It says apart how
// late it was itself and how long the client held it back, and keeps the book of what was
// acknowledged.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "workload/arrivals/arrivals.hpp"
#include "workload/content/content.hpp"
#include "workload/engine/engine.hpp"
#include "workload/ledger/sent_ledger.hpp"
#include "workload/seal.hpp"
#include "workload/sender/held_back.hpp"
#include "workload/sender/sender_stats.hpp"
#include "workload/sender/thread_time.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

struct SenderOptions {
    int producer = 0;
    uint64_t run_id = 0;
    uint64_t seed = 0;
    EngineOptions engine{};
    MakeEngine make = make_engine;
};

class Sender {
public:
    /// All outlive the sender. `stop` ends the load early; messages on their way are waited for.
    Sender(const Workload& workload, const ContentTables& tables, SenderOptions options,
           const Clock& clock, const std::atomic<bool>& stop);

    /// On the sender's own thread, in this order. connect() opens the connections with messages
    /// that count for nothing.
    std::expected<void, std::string> connect();
    void run(int64_t start_ns, int64_t start_wall_ns);

    /// Any thread.
    SenderStats stats() const { return *stats_.lock(); }
    /// What ended it early.
    std::optional<std::string> failure() const { return *failure_.lock(); }
    /// The thread that called connect(); 0 before.
    pid_t thread() const { return thread_; }
    /// CPU time of run(), after it.
    int64_t cpu_ns() const { return cpu_ns_; }
    /// When the last answer came, on the clock; 0: none did.
    int64_t answered_ns() const { return answered_ns_; }
    /// After run().
    const SentLedger& ledger() const { return ledger_; }
    SentLedger take_ledger() { return std::move(ledger_); }

private:
    /// A message on its way.
    struct Slot {
        int64_t intended_ns = 0;
        int64_t sent_ns = 0;
        uint64_t sequence = 0;
        uint32_t partition = 0;  ///< of all topics
        uint32_t size = 0;
        bool warm_up = false;
    };
    /// By how much a message was handed over late, and whose share that is.
    struct Lateness {
        int64_t slip_ns = 0;
        int64_t held_ns = 0;
    };
    struct Answer {
        Slot slot;
        int64_t offset = -1;
    };

    Engine::Taken send(const MadeMessage& message, const Slot& slot);
    bool send_due(int64_t now_ns);
    int64_t send_one(std::optional<int64_t> due_ns, int64_t now_ns);
    void tell_sent();
    std::optional<int64_t> next_due(int64_t now_ns);
    void turn();
    void account(int64_t begin_ns, int64_t due_ns, int64_t end_ns);
    void delivered(const Delivered& delivered);
    void acknowledged(const Answer& answer, int64_t now_ns, SenderStats& stats);
    void end_transaction(bool is_last);
    void settle(bool aborted);
    void give_up_uncommitted(const std::string& why, bool undone);
    void finish();
    void give_up_unsent();
    void fail(const std::string& why);
    bool stopped() const;

    const Workload& workload_;
    SenderOptions options_;
    const Clock& clock_;
    const std::atomic<bool>& stop_;
    Arrivals arrivals_;
    std::optional<Arrivals::Arrival> next_;
    Content content_;
    SentLedger ledger_;
    std::atomic<pid_t> thread_ = 0;
    std::atomic<int64_t> cpu_ns_ = 0;
    std::atomic<int64_t> answered_ns_ = 0;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<ThreadTime> time_;
    HeldBack held_back_;
    int64_t start_ns_ = 0;
    int64_t start_wall_ns_ = 0;
    int64_t busy_before_ns_ = 0;  ///< of the thread, when it was last looked at
    int64_t looked_at_ns_ = 0;
    std::vector<Slot> slots_;
    std::vector<int64_t> free_;
    std::vector<Lateness> handed_over_;  ///< not in stats_ yet
    size_t overhead_ = 0;  ///< bytes of a message beside its key and value
    size_t outstanding_bytes_ = 0;
    std::vector<record::HeaderView> headers_;
    /// Of the open transaction: acknowledged, but not committed.
    std::vector<Answer> uncommitted_;
    int64_t transaction_ends_ns_ = 0;
    bool is_aborting_ = false;
    Random64 random_;
    Guarded<SenderStats> stats_;
    Guarded<std::optional<std::string>> failure_;
};

}  // namespace stoker::workload
