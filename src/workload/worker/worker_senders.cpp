#include "workload/worker/worker_senders.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <utility>

#include "base/big_endian.hpp"
#include "workload/worker/packer.hpp"
#include "workload/worker/worker.hpp"

namespace stoker::workload {
namespace {

struct WorkerPart {
    const Workload& workload;
    const kafka::ClientProperties& properties;
    ProducerRange producers;
    const Clock& clock;
};

/// The life of a worker process. Ctrl-C is the run's to hear; its end is heard of twice, by the
/// socket and, where a sender is busy, by this signal.
[[noreturn]] void live(FrameSocket socket, const WorkerPart& part, pid_t run) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != run) ::_exit(1);
    ::signal(SIGINT, SIG_IGN);
    ::signal(SIGTERM, SIG_IGN);
    try {
        LocalSenders senders(part.workload, part.properties, part.producers, part.clock);
        const bool told = serve_run(socket, senders, part.clock);
        // Threads that still send have nobody to send for.
        ::_exit(told ? 0 : 1);
    } catch (const std::exception&) {
        ::_exit(1);
    }
}

}  // namespace

std::expected<std::unique_ptr<WorkerSenders>, std::string> WorkerSenders::start(
    const Workload& workload, const kafka::ClientProperties& properties, const Clock& clock) {
    std::unique_ptr<WorkerSenders> senders(new WorkerSenders(workload));
    const pid_t run = ::getpid();
    const int64_t workers = workload.workers;
    for (int64_t i = 0; i < workers; ++i) {
        const ProducerRange producers{.first = int(i * workload.producers.count / workers),
                                      .last = int((i + 1) * workload.producers.count / workers)};
        auto ends = FrameSocket::pair();
        const pid_t pid = ends ? ::fork() : -1;
        if (pid < 0)
            return std::unexpected(
                fmt::format("no worker process can be made: {}", std::strerror(errno)));
        if (pid == 0) {
            // The other workers' ends: only the run is to hold those.
            senders->processes_.clear();
            { const FrameSocket run_s_end = std::move((*ends)[0]); }
            live(std::move((*ends)[1]), {workload, properties, producers, clock}, run);
        }
        senders->processes_.push_back(
            {.pid = pid, .socket = std::move((*ends)[0]), .producers = producers});
    }
    return senders;
}

WorkerSenders::~WorkerSenders() {
    for (Process& process : processes_) {
        if (process.pid == 0) continue;
        ::kill(process.pid, SIGKILL);
        ::waitpid(process.pid, nullptr, 0);
    }
}

void WorkerSenders::tell_all(FrameKind kind, ByteView body) {
    // One that is gone is noticed where its answers are missed.
    for (Process& process : processes_) process.socket.send(kind, body);
}

void WorkerSenders::connect(const SendersPlan& plan) {
    Packer packer;
    pack(packer, plan);
    tell_all(FrameKind::plan, packer.take());
}

bool WorkerSenders::ready() {
    listen();
    return std::ranges::all_of(processes_, [](const Process& process) {
        return process.is_ready || process.death.has_value();
    });
}

std::optional<std::string> WorkerSenders::refused() {
    for (const Process& process : processes_) {
        if (process.death) return process.death;
        if (!process.refused.empty()) return process.refused;
    }
    return std::nullopt;
}

void WorkerSenders::go(int64_t start_ns) {
    std::array<std::byte, sizeof start_ns> body;
    store_big_endian(body.data(), start_ns);
    tell_all(FrameKind::go, body);
}

void WorkerSenders::stop() {
    if (!std::exchange(stopped_, true)) tell_all(FrameKind::stop);
}

SenderStats WorkerSenders::stats() {
    listen();
    SenderStats total;
    for (const Process& process : processes_)
        total.merge(process.result ? process.result->stats : process.stats);
    return total;
}

bool WorkerSenders::done() {
    listen();
    return std::ranges::all_of(processes_, [](const Process& process) {
        return process.result || process.death;
    });
}

SendersResult WorkerSenders::take() {
    SendersResult all;
    for (Process& process : processes_) {
        if (process.result) {
            all.append(std::move(*process.result));
            continue;
        }
        // Its books went with it: its messages can be neither found nor missed.
        SendersResult left{.stats = process.stats, .failure = process.death};
        const int producers = process.producers.last - process.producers.first;
        left.ledgers.assign(size_t(producers), SentLedger(workload_.partitions()));
        all.append(std::move(left));
    }
    return all;
}

std::vector<pid_t> WorkerSenders::processes() const {
    std::vector<pid_t> all;
    for (const Process& process : processes_) all.push_back(process.pid);
    return all;
}

void WorkerSenders::listen() {
    for (Process& process : processes_) {
        while (const auto frame = process.socket.receive()) take(process, *frame);
        if (!process.socket.ended() || process.result || process.death) continue;
        process.death = obituary(process);
        // The load is no longer what it was to be.
        stop();
    }
}

void WorkerSenders::take(Process& process, const Frame& frame) {
    if (frame.kind == FrameKind::ready) {
        process.is_ready = true;
        process.refused = std::string(text_of(frame.body));
    } else if (frame.kind == FrameKind::stats) {
        if (auto stats = unpack_stats(frame.body)) process.stats = std::move(*stats);
    } else if (frame.kind == FrameKind::result) {
        process.result = unpack_result(frame.body);
    }
}

std::string WorkerSenders::obituary(Process& process) const {
    int status = 0;
    ::waitpid(process.pid, &status, 0);
    process.pid = 0;
    const auto [first, last] = process.producers;
    const std::string who =
        fmt::format("the worker process of producers {} to {}", first, last - 1);
    if (WIFSIGNALED(status))
        return fmt::format("{} was killed by signal {}", who, WTERMSIG(status));
    return fmt::format("{} ended with status {}", who, WEXITSTATUS(status));
}

}  // namespace stoker::workload
