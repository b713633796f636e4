#include "workload/run/live_group.hpp"

#include <algorithm>
#include <utility>

namespace stoker::workload {

LiveGroup::LiveGroup(Options options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      state_(options_.number, options_.producers, options_.partitions) {}

std::unique_ptr<Reader> LiveGroup::make_reader(size_t index) {
    ReaderOptions options = options_.reader;
    if (index < size_t(options_.plan.slow_consumers))
        options.delay_us = options_.plan.slow_delay.count();
    return std::make_unique<Reader>(std::move(options), state_, clock_);
}

void LiveGroup::start() {
    started_ = true;
    state_.last_progress_ns = clock_.monotonic_ns();
    auto readers = readers_.lock();
    for (size_t i = 0; i < size_t(options_.plan.consumers); ++i)
        readers->push_back(make_reader(i));
}

void LiveGroup::start_churn() {
    if (options_.plan.churn_every.count() == 0 || churner_.joinable()) return;
    churner_ = std::thread([this] { churn(); });
}

void LiveGroup::churn() {
    for (size_t turn = 0; !stop_.wait_for(options_.plan.churn_every); ++turn) {
        const size_t index = turn % size_t(options_.plan.consumers);
        std::unique_ptr<Reader> gone;
        {
            auto readers = readers_.lock();
            gone = std::move((*readers)[index]);
            (*readers)[index] = make_reader(index);
        }
        gone->leave(options_.plan.churn_crashes);
    }
}

void LiveGroup::stop_churn() {
    stop_.request();
    if (churner_.joinable()) churner_.join();
}

void LiveGroup::stop() {
    stop_churn();
    // Asked first and waited for then: they leave together.
    auto readers = readers_.lock();
    for (auto& reader : *readers) reader->ask_to_leave();
    readers->clear();
}

size_t LiveGroup::assigned() {
    size_t sum = 0;
    for (const auto& reader : *readers_.lock()) sum += reader->assigned();
    return sum;
}

bool LiveGroup::is_dead() {
    if (!started_) return false;
    auto readers = readers_.lock();
    return std::ranges::none_of(*readers, [](const auto& reader) { return reader->running(); });
}

std::set<pid_t> LiveGroup::threads() {
    std::set<pid_t> all;
    for (const auto& reader : *readers_.lock()) all.insert(reader->thread());
    return all;
}

}  // namespace stoker::workload
