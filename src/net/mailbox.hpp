// What other threads want of an io thread: answers for its sessions, and tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "net/reply.hpp"

namespace stoker::net {

class Session;

struct Mail {
    std::shared_ptr<Session> session;  // whom it is for; empty with a task of the thread's own
    uint64_t number = 0;
    Answer answer;               // to that frame, unless there is a task
    std::function<void()> task;
};

/// Any thread may post; its io thread takes. It outlives the io thread as long as a session does.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
public:
    Mailbox();
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// Readable when there is mail.
    int event() const { return event_; }
    /// Wakes the io thread unless it has been woken already, or a WakeOnce will. Dropped once
    /// closed.
    void post(Mail mail);
    std::vector<Mail> take();
    void ring() const;
    /// Nothing is taken in any more; drops what is there.
    void close();

    /// Is the caller the io thread of this box?
    bool is_mine() const { return current_ == this; }
    void adopt_this_thread() { current_ = this; }

private:
    static thread_local const Mailbox* current_;

    const int event_;
    std::mutex mutex_;
    std::vector<Mail> mails_;  // guarded by mutex_
    bool closed_ = false;      // guarded by mutex_
};

}  // namespace stoker::net
