#include "net/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "net/session.hpp"
#include "net/turn.hpp"

namespace stoker::net {
namespace {

int make_event() {
    const int event = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    return event;
}

}  // namespace

thread_local const Mailbox* Mailbox::current_ = nullptr;

Mailbox::Mailbox() : event_(make_event()) {}

Mailbox::~Mailbox() { ::close(event_); }

void Mailbox::post(Mail mail) {
    bool first;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return;
        first = mails_.empty();
        mails_.push_back(std::move(mail));
    }
    // Only the first mail since take() rings.
    if (first && !WakeOnce::defer(shared_from_this())) ring();
}

void Mailbox::ring() const {
    // The counter cannot overflow: who takes the mail resets it.
    ::eventfd_write(event_, 1);
}

std::vector<Mail> Mailbox::take() {
    eventfd_t rings;
    ::eventfd_read(event_, &rings);
    std::vector<Mail> mails;
    const std::lock_guard lock(mutex_);
    mails.swap(mails_);
    return mails;
}

void Mailbox::close() {
    // Destroyed outside the lock: a task may own a Responder, whose end posts again.
    std::vector<Mail> mails;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    mails.swap(mails_);
}

}  // namespace stoker::net
