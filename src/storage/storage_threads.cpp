#include "storage/storage_threads.hpp"

#include <chrono>
#include <utility>

namespace stoker::storage {

namespace {

/// How often LogManager::tick() is called.
constexpr std::chrono::seconds tick_interval(1);

}  // namespace

StorageThreads::StorageThreads(LogManager& manager, unsigned count) : manager_(manager) {
    manager_.set_work_listener([this] {
        {
            const std::lock_guard lock(mutex_);
            work_ = true;
        }
        wake_.notify_one();
    });
    work_ = true;  // what was requested before
    next_tick_ = std::chrono::steady_clock::now() + tick_interval;
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { run(); });
}

StorageThreads::~StorageThreads() { stop(); }

bool StorageThreads::post(std::function<void()> task) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return false;
        tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
    return true;
}

void StorageThreads::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    manager_.set_work_listener({});
}

void StorageThreads::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (!tasks_.empty()) {
            const std::function<void()> task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
            lock.lock();
        } else if (std::exchange(work_, false)) {
            lock.unlock();
            const bool did = manager_.do_work();
            lock.lock();
            // There may be more, and then another thread can help.
            if (did) {
                work_ = true;
                wake_.notify_one();
            }
        } else if (std::chrono::steady_clock::now() >= next_tick_) {
            // Far off until it is done, so that only one thread does it.
            next_tick_ = std::chrono::steady_clock::time_point::max();
            lock.unlock();
            manager_.tick();
            lock.lock();
            next_tick_ = std::chrono::steady_clock::now() + tick_interval;
        } else if (next_tick_ == std::chrono::steady_clock::time_point::max()) {
            wake_.wait(lock);
        } else {
            wake_.wait_until(lock, next_tick_);
        }
    }
}

}  // namespace stoker::storage
