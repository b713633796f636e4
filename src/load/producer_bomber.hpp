// ProducerBomber: N threads, each with a producer of its own, that together send random messages at
// a fixed rate for a fixed time (schedule.hpp). A thread that falls behind sends at once what is
// due and counts how late it was.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "client/producer.hpp"
#include "load/bomber_options.hpp"
#include "load/producer_stats.hpp"
#include "load/stop.hpp"

namespace stoker::load {

/// The specification's producer settings in librdkafka's names, and idempotence, so that a retry
/// after a lost answer does not store a batch twice; then what the configuration changes.
client::Config producer_config(const ProducerOptions& options);

class ProducerBomber {
public:
    /// `clock` and `stop` outlive the bomber.
    ProducerBomber(ProducerOptions options, const Clock& clock, Stop& stop);
    ~ProducerBomber();

    /// Told what is tried again, and why.
    using Notice = std::function<void(const std::string&)>;

    /// Connects every producer and waits for the topics; then the threads start. The error says
    /// what is wrong, e.g. that no broker answers. `interrupted` is asked while it waits.
    std::expected<void, std::string> start(const client::Stopped& interrupted,
                                           const Notice& notice = {});
    /// True until every message was acknowledged or has failed.
    bool running() const { return running_ > 0; }
    /// Waits for the threads.
    void join();

    ProducerStats stats() const;
    /// What librdkafka tells; nothing without a metrics port.
    client::Statistics statistics() const;
    ProducerRun run() const;
    /// What ended the run early: a refused password, a fatal error of the client.
    std::optional<std::string> failure() const { return *failure_.lock(); }

private:
    struct Worker;
    std::expected<void, std::string> connect(Worker& worker, const client::Stopped& interrupted,
                                             const Notice& notice);
    std::expected<void, std::string> make_producer(Worker& worker);
    std::expected<void, std::string> prepare_topics(Worker& worker,
                                                    const client::Stopped& interrupted);
    void delivered(Worker& worker, const client::Delivery& delivery);
    void send(Worker& worker);
    void send_one(Worker& worker, int64_t n);
    int32_t partition_of(int64_t message) const;
    void hand_over(Worker& worker, const client::Producer::Record& record);
    void finish(Worker& worker);
    void fail(const std::string& why);

    ProducerOptions options_;
    const Clock& clock_;
    Stop& stop_;
    std::vector<std::string> topics_;
    uint64_t run_id_;
    int64_t start_ns_ = 0;
    int64_t start_wall_ns_ = 0;
    std::atomic<int64_t> end_ns_ = 0;
    std::atomic<int> running_ = 0;
    Guarded<std::optional<std::string>> failure_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace stoker::load
