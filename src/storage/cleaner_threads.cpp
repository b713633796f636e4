#include "storage/cleaner_threads.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>

namespace stoker::storage {

namespace {

/// A tenth of a core where others want all of it: an acknowledgement never waits for compaction.
constexpr int niceness = 10;
constexpr int64_t ns_a_ms = 1'000'000;

}  // namespace

CleanerThreads::CleanerThreads(LogCleaner& cleaner) : cleaner_(cleaner) { options_changed(); }

CleanerThreads::~CleanerThreads() { stop(); }

void CleanerThreads::options_changed() {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    wanted_ = cleaner_.options().threads;
    wake_.notify_all();
    for (unsigned i = 0; i < wanted_; ++i) {
        if (i < threads_.size() && !ended_[i]) continue;
        if (i < threads_.size()) {
            threads_[i].join();
            threads_[i] = std::thread([this, i] { run(i); });
            ended_[i] = false;
        } else {
            threads_.emplace_back([this, i] { run(i); });
            ended_.push_back(false);
        }
    }
}

void CleanerThreads::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_all();
    }
    for (std::thread& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

void CleanerThreads::run(unsigned number) {
    // On Linux a niceness is a thread's own. Without it compaction would work as well.
    (void)::setpriority(PRIO_PROCESS, id_t(::gettid()), niceness);
    const LogCleaner::Wait pause = [this, number](int64_t ns) { return wait(number, ns); };
    for (;;) {
        while (wait(number, 0)) {
            if (cleaner_.clean_dirtiest(number, pause)) continue;
            (void)wait(number, cleaner_.options().backoff_ms * ns_a_ms);
        }
        const std::lock_guard lock(mutex_);
        // It may have become wanted again just now.
        if (!stopping_ && number < wanted_) continue;
        ended_[number] = true;
        return;
    }
}

bool CleanerThreads::wait(unsigned number, int64_t ns) {
    std::unique_lock lock(mutex_);
    const auto over = [&] { return stopping_ || number >= wanted_; };
    if (ns > 0) wake_.wait_for(lock, std::chrono::nanoseconds(ns), over);
    return !over();
}

}  // namespace stoker::storage
