// Fires what is due. Of several runners one works and the others wait: they are members of a group
// that reads the one partition of the schedules, and whoever has it works.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "cli/interrupt.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "program/program.hpp"
#include "schedule/planner.hpp"
#include "schedule/store.hpp"

namespace stoker::schedule {

/// One thread. Throws KafkaException for what no waiting mends.
class Runner {
public:
    /// All must outlive the runner.
    Runner(Store& store, std::string topic, std::string group, program::Journal& journal,
           const Clock& clock);

    /// Until SIGINT or SIGTERM. Each message that was sent is a line on standard output.
    void run();

private:
    /// Sent, and not known to have arrived.
    struct Outgoing {
        Firing firing;
        std::optional<kafka::Failure> failure{};
    };

    void follow();
    void take_over();
    void step_down();
    void fire_due();
    void send();
    void keep_progress();
    bool may_try_again(const Outgoing& outgoing) const;
    int64_t wait_ms() const;
    std::string shown(const Firing& firing) const;

    const std::string topic_;
    program::Journal& journal_;
    const Clock& clock_;
    const int64_t running_since_ms_;
    cli::Interrupt interrupt_;
    std::unique_ptr<kafka::Consumer> consumer_;
    std::unique_ptr<kafka::Producer> producer_;
    Random random_;
    /// While it works; up to `end_` it only reads.
    std::optional<Planner> planner_;
    Offset end_{};
    bool ready_ = false;
    std::deque<Outgoing> outgoing_;
    int64_t retry_at_ms_ = 0;
};

}  // namespace stoker::schedule
