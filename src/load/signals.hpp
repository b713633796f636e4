// Signals: SIGINT and SIGTERM as something that a main thread waits for, between its reports.
// No handler runs anywhere, so no code has to be async-signal-safe.
#pragma once

#include <chrono>

namespace stoker::load {

/// To be made before any thread is started: threads inherit the blocked signals.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// True when a signal came; it waits for one at most `time`. From the first on, the next signal
    /// ends the process at once, as it does without this class.
    bool wait_for(std::chrono::nanoseconds time);

private:
    void give_back();
    bool received_ = false;
};

}  // namespace stoker::load
