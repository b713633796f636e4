// ThreadTime: how long threads of this process have been running, or could have been had there been
// a free core. A thread that is late and did neither was waiting for somebody else.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>

namespace stoker::workload {

/// Of the thread that made it. Linux's schedstat; where there is none, the thread's CPU time alone.
class ThreadTime {
public:
    ThreadTime();
    ~ThreadTime();
    ThreadTime(const ThreadTime&) = delete;
    ThreadTime& operator=(const ThreadTime&) = delete;

    /// Nanoseconds on a core or ready for one.
    int64_t busy_ns() const;

private:
    int file_;
};

/// CPU time of the calling thread.
int64_t thread_cpu_ns();
/// CPU time of every thread of this process, by its id, in nanoseconds.
std::map<pid_t, int64_t> cpu_ns_by_thread();

}  // namespace stoker::workload
