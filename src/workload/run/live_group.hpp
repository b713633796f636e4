// LiveGroup: one consumer group of a run: its readers, those that come and go, and its ledger.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "load/stop.hpp"
#include "workload/reader/reader.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

class LiveGroup {
public:
    struct Options {
        GroupPlan plan{};
        size_t number = 0;
        size_t producers = 1;
        size_t partitions = 1;   ///< of all topics
        ReaderOptions reader{};  ///< with the group's id
    };

    /// `clock` outlives the group.
    LiveGroup(Options options, const Clock& clock);
    ~LiveGroup() { stop(); }

    void start();
    bool started() const { return started_; }
    /// From now on readers go and others come, where the plan says so.
    void start_churn();
    void stop_churn();
    void stop();

    const GroupPlan& plan() const { return options_.plan; }
    /// Partitions that its readers have now.
    size_t assigned();
    /// Something ended all of its readers.
    bool is_dead();
    std::set<pid_t> threads();
    GroupState& state() { return state_; }

private:
    std::unique_ptr<Reader> make_reader(size_t index);
    void churn();

    Options options_;
    const Clock& clock_;
    GroupState state_;
    bool started_ = false;
    Guarded<std::vector<std::unique_ptr<Reader>>> readers_;
    load::Stop stop_;
    std::thread churner_;
};

}  // namespace stoker::workload
