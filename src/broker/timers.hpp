// What is to happen at some time unless it is called off: the time-outs of long polls.
//
// The broker's tick runs what is due; nothing here sleeps. Any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/guarded.hpp"

namespace stoker::broker {

class Timers {
public:
    using Id = uint64_t;

    /// `deadline_ms` is the monotonic clock's. The task runs on the thread that calls run_due.
    Id schedule(int64_t deadline_ms, std::function<void()> task);
    /// The task does not run any more, unless it is running just now.
    void cancel(Id id);
    /// Runs, without holding a lock, whatever is due at `now_ms`.
    void run_due(int64_t now_ms);
    size_t size() const { return state_.lock()->by_id.size(); }

private:
    using Queue = std::multimap<int64_t, std::pair<Id, std::function<void()>>>;
    struct State {
        Queue queue;
        std::unordered_map<Id, Queue::iterator> by_id;
        Id last = 0;
    };
    Guarded<State> state_;
};

}  // namespace stoker::broker
