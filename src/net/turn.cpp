#include "net/turn.hpp"

#include <utility>

#include "net/mailbox.hpp"

namespace stoker::net {
namespace {

thread_local TurnTasks* tasks_of_this_thread = nullptr;
thread_local WakeOnce* wakes_of_this_thread = nullptr;

}  // namespace

void after_turn(TurnTask task) {
    if (tasks_of_this_thread != nullptr) tasks_of_this_thread->add(std::move(task));
    else task(false);
}

void TurnTasks::adopt_this_thread() { tasks_of_this_thread = this; }

void TurnTasks::end_with_this_thread() {
    tasks_of_this_thread = nullptr;
    run();
}

void TurnTasks::run() {
    while (!tasks_.empty()) {
        const auto tasks = std::exchange(tasks_, {});
        for (const TurnTask& task : tasks) task(tasks.size() == 1);
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
