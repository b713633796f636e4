// StorageThreads: the threads that may block on the disk. They do the LogManager's work (group
// commit: what was appended while one sync ran is covered by the next) and whatever else is posted,
// such as reads that are not in the page cache.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/log_manager.hpp"

namespace stoker::storage {

class StorageThreads {
public:
    /// Starts `count` threads (1 or more). The manager outlives this.
    StorageThreads(LogManager& manager, unsigned count);
    /// stop()
    ~StorageThreads();

    StorageThreads(const StorageThreads&) = delete;
    StorageThreads& operator=(const StorageThreads&) = delete;

    /// Runs the task on one of the threads, after those posted before. Any thread. False after
    /// stop(): the task will not run.
    bool post(std::function<void()> task);

    /// Waits for the work at hand; what is still queued is not done (LogManager::stop syncs).
    /// Nobody may append meanwhile.
    void stop();

private:
    void run();

    LogManager& manager_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    bool work_ = false;
    std::chrono::steady_clock::time_point next_tick_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace stoker::storage
