// A thread that calls a function every so many milliseconds: the broker's tick.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace stoker::net {

/// The first call comes after one period. A call that takes longer than a period delays the next.
class Ticker {
public:
    Ticker(std::chrono::milliseconds period, std::function<void()> call);
    /// Calls stop().
    ~Ticker();
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    /// Waits for a call that is running; none comes after. Idempotent.
    void stop();

private:
    void run(std::chrono::milliseconds period);

    std::function<void()> call_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace stoker::net
