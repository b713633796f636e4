// LocalSenders: some of a run's producers, each on a thread of this process.
#pragma once

#include <atomic>
#include <latch>
#include <memory>
#include <thread>

#include "base/clock.hpp"
#include "workload/content/content.hpp"
#include "workload/run/senders.hpp"
#include "workload/sender/sender.hpp"

namespace stoker::workload {

/// From `first` up to `last`, which is none of them.
struct ProducerRange {
    int first = 0;
    int last = 0;
};

class LocalSenders final : public Senders {
public:
    /// `workload` and `clock` outlive it. `properties` with bootstrap.servers.
    LocalSenders(const Workload& workload, kafka::ClientProperties properties,
                 const ProducerRange& producers, const Clock& clock);
    ~LocalSenders() override;

    void connect(const SendersPlan& plan) override;
    bool ready() override { return ready_->try_wait(); }
    std::optional<std::string> refused() override;
    void go(int64_t start_ns) override;
    void stop() override { stop_ = true; }
    SenderStats stats() override;
    bool done() override;
    SendersResult take() override;
    std::set<int> threads() const override;

private:
    /// A sender and its thread.
    struct Sending {
        std::unique_ptr<Sender> sender;
        std::optional<std::string> refused;  ///< by the thread, before it says that it is ready
        std::atomic<bool> done = false;
        std::thread thread;
    };
    void start(Sending& sending);

    const Workload& workload_;
    kafka::ClientProperties properties_;
    ProducerRange producers_;
    const Clock& clock_;
    SendersPlan plan_;
    std::optional<ContentTables> tables_;
    std::atomic<bool> stop_ = false;
    int64_t start_ns_ = 0;
    bool abandoned_ = false;  ///< written before the latch opens
    bool go_given_ = false;
    std::latch go_{1};
    std::unique_ptr<std::latch> ready_;
    std::vector<std::unique_ptr<Sending>> senders_;
};

}  // namespace stoker::workload
