#include "cli/interrupt.hpp"

#include "base/check.hpp"

namespace stoker::cli {
namespace {

constexpr int status_of_signals = 128;

/// What the handler reaches; set while an Interrupt exists.
kafka::Wakeup* active = nullptr;
volatile std::sig_atomic_t caught = 0;

void on_signal(int signal) {
    caught = signal;
    if (active != nullptr) active->raise();
}

}  // namespace

Interrupt::Interrupt() {
    STOKER_CHECK(active == nullptr, "one Interrupt at a time");
    active = &wakeup_;
    caught = 0;
    struct sigaction action {};
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESETHAND;
    ::sigaction(SIGINT, &action, &before_int_);
    ::sigaction(SIGTERM, &action, &before_term_);
}

Interrupt::~Interrupt() {
    ::sigaction(SIGINT, &before_int_, nullptr);
    ::sigaction(SIGTERM, &before_term_, nullptr);
    active = nullptr;
}

int Interrupt::status_or(int otherwise) const {
    return caught == 0 ? otherwise : status_of_signals + caught;
}

}  // namespace stoker::cli
