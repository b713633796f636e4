#include "load/signals.hpp"

#include <signal.h>

#include <algorithm>
#include <thread>

namespace stoker::load {

namespace {

sigset_t ending_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

Signals::Signals() {
    sigset_t set = ending_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

Signals::~Signals() {
    give_back();
}

void Signals::give_back() {
    sigset_t set = ending_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool Signals::wait_for(std::chrono::nanoseconds time) {
    time = std::max(time, std::chrono::nanoseconds(0));
    if (received_) {
        std::this_thread::sleep_for(time);
        return true;
    }
    sigset_t set = ending_signals();
    timespec limit{.tv_sec = time_t(time.count() / 1'000'000'000),
                   .tv_nsec = long(time.count() % 1'000'000'000)};
    received_ = sigtimedwait(&set, nullptr, &limit) > 0;
    if (received_) give_back();
    return received_;
}

}  // namespace stoker::load
