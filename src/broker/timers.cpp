#include "broker/timers.hpp"

#include <utility>
#include <vector>

namespace stoker::broker {

Timers::Id Timers::schedule(int64_t deadline_ms, std::function<void()> task) {
    auto state = state_.lock();
    Id id = ++state->last;
    state->by_id[id] = state->queue.emplace(deadline_ms, std::pair(id, std::move(task)));
    return id;
}

void Timers::cancel(Id id) {
    auto state = state_.lock();
    auto found = state->by_id.find(id);
    if (found == state->by_id.end()) return;
    state->queue.erase(found->second);
    state->by_id.erase(found);
}

void Timers::run_due(int64_t now_ms) {
    std::vector<std::function<void()>> due;
    {
        auto state = state_.lock();
        while (!state->queue.empty() && state->queue.begin()->first <= now_ms) {
            auto node = state->queue.extract(state->queue.begin());
            state->by_id.erase(node.mapped().first);
            due.push_back(std::move(node.mapped().second));
        }
    }
    for (auto& task : due) task();
}

}  // namespace stoker::broker
