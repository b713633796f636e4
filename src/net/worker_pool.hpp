// A few threads for calls that block: reads of file data that is not in the page cache.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace stoker::net {

/// Its threads start with the first task: most servers never read cold data. Any thread.
class WorkerPool {
public:
    explicit WorkerPool(size_t threads) : threads_max_(threads) {}
    /// Calls stop().
    ~WorkerPool() { stop(); }
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    /// Dropped once stopped. A task must not throw.
    void run(std::function<void()> task);
    /// Waits for the tasks that have begun and drops the others. Idempotent.
    void stop();

private:
    void work();

    const size_t threads_max_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> tasks_;
    std::vector<std::thread> threads_;
    size_t idle_ = 0;
    bool stopping_ = false;
};

}  // namespace stoker::net
