// ThreadTime: how long threads of this process have been running, or could have been had there been
// a free core. A thread that is late and did neither was waiting for somebody else.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>

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

/// How busy this process's threads were since this was made. A share is of one core.
class BusyThreads {
public:
    BusyThreads();

    /// The busiest one of these, and of all others.
    double among(const std::set<pid_t>& threads, double seconds) const;
    double beside(const std::set<pid_t>& threads, double seconds) const;

private:
    double busiest(const std::set<pid_t>& threads, bool among, double seconds) const;

    std::map<pid_t, int64_t> before_;
};

}  // namespace stoker::workload
