// ConsumerBomber: N consumers of one group, a thread each, that read the topics, check and process
// every message, and count. The i-th one starts i seconds after the first.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "client/consumer.hpp"
#include "load/bomber_options.hpp"
#include "load/consumer_stats.hpp"
#include "load/stop.hpp"
#include "load/verification.hpp"

namespace stoker::load {

/// The specification's consumer settings in librdkafka's names. CRCs are checked, new topics are
/// found within two seconds, and partitions are dealt out one by one: the usual "range" would give
/// the only partition of every topic to the same consumer. Then what the configuration changes.
client::Config consumer_config(const ConsumerOptions& options);

class ConsumerBomber {
public:
    /// `clock` and `stop` outlive the bomber. Its threads run until `stop` is requested.
    ConsumerBomber(ConsumerOptions options, const Clock& clock, Stop& stop);
    ~ConsumerBomber();

    void start();
    /// False when every consumer has closed.
    bool running() const { return running_ > 0; }
    void join();

    ConsumerStats stats() const;
    /// What librdkafka tells; nothing without a metrics port.
    client::Statistics statistics() const;
    ConsumerRun run() const;
    /// A copy; nothing without --verify.
    std::optional<Json> verified() const;
    /// Calls `use` with the verification, or null, while it stands still.
    template <class Use>
    auto with_verification(Use use) const {
        auto verification = verification_.lock();
        return use(options_.verify ? &*verification : nullptr);
    }
    /// What ended the run early: no broker answered, a refused password.
    std::optional<std::string> failure() const { return *failure_.lock(); }
    /// Something that happened: all is told with --verbose, and always what the user may have to do
    /// something about.
    struct Event {
        std::string text;
        bool always = false;
    };
    /// Since the last call; at most events_max, the rest is counted in the last one.
    std::vector<Event> take_events();

private:
    struct Worker;
    void work(Worker& worker);
    bool connect(Worker& worker);
    client::Outcome<std::unique_ptr<client::Consumer>> make_consumer(Worker& worker);
    client::Outcome<void> begin(Worker& worker, client::Consumer& consumer);
    void consume(Worker& worker);
    void handle(Worker& worker, const client::Message& message);
    void handle_error(Worker& worker, const client::Message& message);
    void process(Worker& worker, const client::Message& message);
    void simulate_business(Worker& worker);
    void note(Worker& worker, const client::Message& message);
    void flush_notes(Worker& worker);
    void event(std::string text, bool always = false);
    void fail(const std::string& why);

    ConsumerOptions options_;
    const Clock& clock_;
    Stop& stop_;
    int64_t start_ns_ = 0;
    int64_t start_wall_ns_ = 0;
    std::atomic<int64_t> end_ns_ = 0;
    std::atomic<int> running_ = 0;
    Guarded<Verification> verification_;
    Guarded<std::optional<std::string>> failure_;
    struct Events {
        std::vector<Event> kept;
        int64_t dropped = 0;
    };
    Guarded<Events> events_;
    std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace stoker::load
