// Doing once what many requests want: a turn of an io thread handles all frames that one wait
// brought, and only at its end asks the disk for one sync; a thread that answers many requests at
// once wakes each io thread once.
#pragma once

#include <functional>
#include <memory>
#include <vector>

namespace stoker::net {

class Mailbox;

/// `alone` when nothing else waits for the end of this turn: then a short wait holds up nobody.
using TurnTask = std::function<void(bool alone)>;

/// Runs `task` when the calling io thread has gone through what its last wait brought; at once on
/// any other thread, which is never alone. It must not throw.
void after_turn(TurnTask task);

/// The tasks of one io thread, which runs them at the end of its turns.
class TurnTasks {
public:
    /// From now on after_turn() of the calling thread lands here, until end_with_this_thread().
    void adopt_this_thread();
    void end_with_this_thread();
    /// Also those that the tasks add.
    void run();
    void add(TurnTask task) { tasks_.push_back(std::move(task)); }

private:
    std::vector<TurnTask> tasks_;
};

/// While it lives, answers that its thread gives wait in their mailboxes; its end wakes the io
/// threads. One inside another leaves it to the outer one. Lives on the stack of one thread.
class WakeOnce {
public:
    WakeOnce();
    ~WakeOnce();
    WakeOnce(const WakeOnce&) = delete;
    WakeOnce& operator=(const WakeOnce&) = delete;

    /// True when this thread has one, which then wakes `mailbox` later.
    static bool defer(std::shared_ptr<const Mailbox> mailbox);

private:
    std::vector<std::shared_ptr<const Mailbox>> waiting_;
};

}  // namespace stoker::net
