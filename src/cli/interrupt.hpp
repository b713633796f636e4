// SIGINT and SIGTERM for tools that have something to finish: as upstream's shutdown hooks, they
// end the waiting, and the tool then ends with the status that the JVM has after such a signal.
#pragma once

#include <csignal>

#include "kafka/wakeup.hpp"

namespace stoker::cli {

/// While one exists the two signals raise its wakeup; a second signal ends the process at once.
/// One at a time, in the main thread.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    const kafka::Wakeup& wakeup() const { return wakeup_; }
    bool raised() const { return wakeup_.raised(); }
    /// 130 or 143 after a signal, else `otherwise`.
    int status_or(int otherwise) const;

private:
    kafka::Wakeup wakeup_;
    struct sigaction before_int_ {};
    struct sigaction before_term_ {};
};

}  // namespace stoker::cli
