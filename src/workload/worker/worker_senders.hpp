// WorkerSenders: a run's producers in processes of their own, each with its share of them, because
// threads of one process share its memory's locks and its client library's. The processes are made
// by fork() alone, before the run has a thread: they know the workload already, and no secret is
// ever on a command line.
#pragma once

#include <sys/types.h>

#include <expected>
#include <memory>

#include "base/clock.hpp"
#include "workload/run/local_senders.hpp"
#include "workload/worker/frame_socket.hpp"

namespace stoker::workload {

class WorkerSenders final : public Senders {
public:
    /// Of a process with one thread. `workload` and `clock` outlive it, and workload.workers is at
    /// most the number of producers. The error is a sentence.
    static std::expected<std::unique_ptr<WorkerSenders>, std::string> start(
        const Workload& workload, const kafka::ClientProperties& properties, const Clock& clock);
    /// Ends processes that have not ended.
    ~WorkerSenders() override;

    void connect(const SendersPlan& plan) override;
    bool ready() override;
    std::optional<std::string> refused() override;
    void go(int64_t start_ns) override;
    void stop() override;
    SenderStats stats() override;
    bool done() override;
    SendersResult take() override;
    std::set<int> threads() const override { return {}; }

    /// For tests that end one.
    std::vector<pid_t> processes() const;

private:
    struct Process {
        pid_t pid = 0;
        FrameSocket socket;
        ProducerRange producers{};
        bool is_ready = false;
        std::string refused{};
        SenderStats stats{};
        std::optional<SendersResult> result{};
        std::optional<std::string> death{};  ///< how it ended before its time
    };
    explicit WorkerSenders(const Workload& workload) : workload_(workload) {}
    void listen();
    void take(Process& process, const Frame& frame);
    std::string obituary(Process& process) const;
    void tell_all(FrameKind kind, ByteView body = {});

    const Workload& workload_;
    std::vector<Process> processes_;
    bool stopped_ = false;
};

}  // namespace stoker::workload
