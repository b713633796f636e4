// Fires what is due. Of several runners one works and the others wait: they are members of a group
// that reads the one partition of the schedules, and whoever has it works.
//
// Messages and the progress of their schedules are written in one transaction, under one
// transactional id for all runners of a group: who takes over shuts the other one out and ends what
// that had begun before it reads how far all came. So each message is there once for whoever reads
// what is committed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "cli/interrupt.hpp"
#include "kafka/consumer.hpp"
#include "kafka/producer.hpp"
#include "metrics/client_instruments.hpp"
#include "program/program.hpp"
#include "schedule/planner.hpp"
#include "schedule/store.hpp"

namespace stoker::schedule {

/// One thread. Throws KafkaException for what no waiting mends.
class Runner {
public:
    /// All must outlive the runner.
    Runner(Store& store, std::string topic, std::string group, program::Journal& journal,
           const Clock& clock, metrics::SendingInstruments& metrics);

    /// Until SIGINT or SIGTERM. Each message that was sent is a line on standard output.
    void run();

private:
    void take_over();
    void step_down();
    void begin_anew();
    void make_producer();
    void follow();
    void read_new();
    bool shut_others_out();
    void fire_due();
    void fire_one_by_one();
    bool fired(std::span<const Firing> firings, bool alone);
    kafka::Outcome<void> send_together(std::span<const Firing> firings);
    kafka::Outcome<void> send(const Firing& firing);
    kafka::Outcome<void> send_progress(std::span<const Firing> firings);
    bool may_try_again(const Firing& firing, const kafka::Failure& why) const;
    void report(const Firing& firing);
    int64_t wait_ms() const;

    const Store& store_;
    const std::string topic_;
    const std::string transactional_id_;
    program::Journal& journal_;
    const Clock& clock_;
    metrics::SendingInstruments& metrics_;
    const int64_t running_since_ms_;
    cli::Interrupt interrupt_;
    std::unique_ptr<kafka::Consumer> consumer_;
    std::unique_ptr<kafka::Producer> producer_;
    Random random_;
    /// While it has the partition.
    std::optional<Planner> planner_;
    /// Since the others were shut out: up to here it only reads.
    std::optional<Offset> end_;
    bool ready_ = false;
    /// Due, and not known to have arrived; in the order of their times.
    std::vector<Firing> outgoing_;
    int64_t retry_at_ms_ = 0;
};

}  // namespace stoker::schedule
