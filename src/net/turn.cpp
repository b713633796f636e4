#include "net/turn.hpp"

#include <utility>

#include "net/mailbox.hpp"

namespace stoker::net {
namespace {

thread_local TurnTasks* tasks_of_this_thread = nullptr;
thread_local WakeOnce* wakes_of_this_thread = nullptr;

}  // namespace

void after_turn(std::function<void()> task) {
    if (tasks_of_this_thread != nullptr) tasks_of_this_thread->add(std::move(task));
    else task();
}

void TurnTasks::adopt_this_thread() { tasks_of_this_thread = this; }

void TurnTasks::end_with_this_thread() {
    tasks_of_this_thread = nullptr;
    run();
}

void TurnTasks::run() {
    while (!tasks_.empty()) {
        for (const auto& task : std::exchange(tasks_, {})) task();
    }
}

WakeOnce::WakeOnce() {
    if (wakes_of_this_thread == nullptr) wakes_of_this_thread = this;
}

WakeOnce::~WakeOnce() {
    if (wakes_of_this_thread != this) return;
    wakes_of_this_thread = nullptr;
    for (const auto& mailbox : waiting_) mailbox->ring();
}

bool WakeOnce::defer(std::shared_ptr<const Mailbox> mailbox) {
    if (wakes_of_this_thread == nullptr) return false;
    wakes_of_this_thread->waiting_.push_back(std::move(mailbox));
    return true;
}

}  // namespace stoker::net
