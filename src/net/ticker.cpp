#include "net/ticker.hpp"

#include <algorithm>
#include <utility>

namespace stoker::net {

Ticker::Ticker(std::chrono::milliseconds period, std::function<void()> call)
    : call_(std::move(call)), thread_([this, period] { run(period); }) {}

Ticker::~Ticker() { stop(); }

void Ticker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Ticker::run(std::chrono::milliseconds period) {
    std::unique_lock lock(mutex_);
    auto next = std::chrono::steady_clock::now() + period;
    while (!wake_.wait_until(lock, next, [this] { return stopping_; })) {
        lock.unlock();
        call_();
        lock.lock();
        // A late call is not made up for by two in a row.
        next = std::max(next + period, std::chrono::steady_clock::now());
    }
}

}  // namespace stoker::net
