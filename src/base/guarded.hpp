// Guarded<T>: a value and its mutex, so that the one cannot be reached without the other.
// The order in which several are taken is written once, in docs/ARCHITECTURE.md §6.
#pragma once

#include <mutex>
#include <utility>

namespace stoker {

template <class T>
class Guarded {
public:
    template <class... Args>
    explicit Guarded(Args&&... args) : value_(std::forward<Args>(args)...) {}

    /// Holds the mutex for as long as it lives.
    template <class V>
    class Lock {
    public:
        Lock(std::mutex& mutex, V& value) : lock_(mutex), value_(&value) {}
        V& operator*() const { return *value_; }
        V* operator->() const { return value_; }

    private:
        std::unique_lock<std::mutex> lock_;
        V* value_;
    };

    [[nodiscard]] Lock<T> lock() { return {mutex_, value_}; }
    [[nodiscard]] Lock<const T> lock() const { return {mutex_, value_}; }

private:
    mutable std::mutex mutex_;
    T value_;
};

}  // namespace stoker
