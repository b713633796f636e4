// ConsumerBomber: N consumers of one group, a thread each, that read the topics, check and process
// every message, and count. The i-th one starts i seconds after the first.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/guarded.hpp"
#include "kafka/consumer.hpp"
#include "load/bomber_options.hpp"
#include "load/consumer_stats.hpp"
#include "load/stop.hpp"
#include "load/verification.hpp"

namespace stoker::load {

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
    kafka::Outcome<void> reach(Worker& worker);
    kafka::Outcome<void> make_consumer(Worker& worker);
    void begin(Worker& worker);
    void moved(Worker& worker, bool came, const std::vector<kafka::TopicPartition>& partitions);
    void consume(Worker& worker);
    void read_records(Worker& worker);
    int64_t handle(Worker& worker, const kafka::ConsumerRecord& record, int64_t begin);
    void refuse(Worker& worker, const kafka::ConsumerRecord& record, const std::string& clause);
    void handle_failure(Worker& worker, const kafka::Failure& failure);
    void simulate_business(Worker& worker);
    void note(Worker& worker, const kafka::ConsumerRecord& record, int64_t now_ns);
    void tell(Worker& worker);
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
