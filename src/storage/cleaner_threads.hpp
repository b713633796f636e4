// CleanerThreads: the threads that compact logs, log.cleaner.threads of them, apart from those that
// others wait for and below them in priority.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

#include "storage/log_cleaner.hpp"

namespace stoker::storage {

class CleanerThreads {
public:
    /// Starts as many as the cleaner's options say. The cleaner outlives this.
    explicit CleanerThreads(LogCleaner& cleaner);
    /// stop()
    ~CleanerThreads();

    CleanerThreads(const CleanerThreads&) = delete;
    CleanerThreads& operator=(const CleanerThreads&) = delete;

    /// The options may have changed: as many threads as they say now. Does not wait.
    void options_changed();

    /// Waits for the threads; a cleaning that is under way is given up, and leaves the log as it
    /// was or a part of its segments cleaned.
    void stop();

private:
    void run(unsigned number);
    /// False when thread `number` is to end.
    bool wait(unsigned number, int64_t ns);

    LogCleaner& cleaner_;
    std::mutex mutex_;
    std::condition_variable wake_;
    unsigned wanted_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
    /// Ended because fewer were wanted.
    std::vector<bool> ended_;
};

}  // namespace stoker::storage
