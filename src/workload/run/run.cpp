#include "workload/run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <latch>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "kafka/admin.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "load/wall_time.hpp"
#include "workload/ledger/audit.hpp"
#include "workload/run/live_group.hpp"
#include "workload/run/timeline.hpp"
#include "workload/sender/sender.hpp"
#include "workload/sender/thread_time.hpp"

namespace stoker::workload {
namespace {

using std::chrono::milliseconds;
using Done = std::expected<void, std::string>;

constexpr milliseconds tick{50};
/// Between the moment when everybody is ready and the first message.
constexpr int64_t head_start_ns = 50'000'000;
/// After the last message of a transactional load: the end of the log is no record there.
constexpr int64_t quiet_ns = 1'000'000'000;
constexpr const char* admin_timeout_ms = "15000";
constexpr const char* admin_request_timeout_ms = "10000";

/// A sender and its thread.
struct Sending {
    std::unique_ptr<Sender> sender;
    std::optional<std::string> refused;  ///< by the thread, before it says that it is ready
    std::atomic<bool> done = false;
    std::thread thread;
};

class Run {
public:
    Run(const Workload& workload, const RunOptions& options, const Clock& clock)
        : workload_(workload), options_(options), clock_(clock) {}
    ~Run();

    std::expected<RunResult, std::string> run();

private:
    Done make_topics();
    Done make_admin();
    void make_groups();
    Done start_groups();
    Done connect_senders();
    void load();
    void start_late_groups();
    void drain();
    bool has_read_all(LiveGroup& group);
    void conclude();
    void note_shares(const std::map<pid_t, int64_t>& before);
    void delete_topics();
    bool wait();
    void watch(Progress::Stage stage);
    SenderStats sent() const;
    int64_t consumed() const;
    kafka::ClientProperties producer_properties(int producer) const;
    kafka::ClientProperties consumer_properties(const GroupPlan& plan, size_t number) const;
    std::string run_name() const { return fmt::format("{:08x}", result_.run_id >> 32); }

    const Workload& workload_;
    const RunOptions& options_;
    const Clock& clock_;
    const kafka::Log quiet_{clock_, [](std::string_view) {}};
    std::unique_ptr<kafka::Admin> admin_;
    RunResult result_;
    int64_t base_ns_ = 0;
    int64_t base_wall_ns_ = 0;
    int64_t start_ns_ = 0;
    std::atomic<bool> stop_ = false;
    bool abandoned_ = false;
    std::latch go_{1};
    std::vector<std::unique_ptr<LiveGroup>> groups_;
    std::vector<std::unique_ptr<Sending>> senders_;
    std::map<kafka::TopicPartition, int64_t> ends_;
    std::unique_ptr<Timeline> timeline_;
    bool go_given_ = false;
};

Run::~Run() {
    stop_ = true;
    abandoned_ = !go_given_;
    if (!go_given_) go_.count_down();
    for (auto& sending : senders_)
        if (sending->thread.joinable()) sending->thread.join();
    groups_.clear();
    delete_topics();
}

std::expected<RunResult, std::string> Run::run() {
    base_ns_ = clock_.monotonic_ns();
    base_wall_ns_ = load::wall_ns();
    Random64 random(uint64_t(base_wall_ns_) ^ options_.seed);
    result_ = {.name = workload_.name, .run_id = random.next(), .seed = options_.seed};
    result_.load_s = workload_.duration_s();
    result_.partitions = workload_.topics.partitions;
    result_.open_loop = std::ranges::none_of(
        workload_.phases, [](const Phase& phase) { return phase.shape == Shape::max; });
    if (auto done = make_admin(); !done) return std::unexpected(done.error());
    if (auto done = make_topics(); !done) return std::unexpected(done.error());
    make_groups();
    if (auto done = start_groups(); !done) return std::unexpected(done.error());
    if (auto done = connect_senders(); !done) return std::unexpected(done.error());
    load();
    drain();
    conclude();
    delete_topics();
    return std::exchange(result_, {});
}

Done Run::make_admin() {
    kafka::ClientProperties properties = options_.properties;
    properties.set_default("default.api.timeout.ms", admin_timeout_ms);
    properties.set_default("request.timeout.ms", admin_request_timeout_ms);
    auto admin = kafka::Admin::create(properties, quiet_, clock_);
    if (!admin) {
        const auto& why = admin.error();
        return std::unexpected(why.cause ? why.cause->text() : why.text());
    }
    admin_ = std::move(*admin);
    return {};
}

Done Run::make_topics() {
    const TopicPlan& plan = workload_.topics;
    const std::string prefix = plan.prefix.empty() ? "stoker-load-" + workload_.name : plan.prefix;
    for (int32_t i = 0; i < plan.count; ++i) {
        const std::string name = fmt::format("{}-{}-{}", prefix, run_name(), i);
        auto made = kafka::create_topic(*admin_, {.name = name,
                                                  .partitions = plan.partitions,
                                                  .replication_factor = plan.replication_factor,
                                                  .configs = plan.configs});
        if (!made) return std::unexpected("topic " + name + ": " + made.error().text());
        result_.topics.push_back(name);
    }
    return {};
}

kafka::ClientProperties Run::producer_properties(int producer) const {
    const ProducerPlan& plan = workload_.producers;
    kafka::ClientProperties properties = options_.properties;
    properties.set("client.id", fmt::format("stoker-load-producer-{}", producer));
    properties.set("acks", plan.acks);
    properties.set("enable.idempotence", plan.idempotent ? "true" : "false");
    if (plan.transactions)
        properties.set("transactional.id", fmt::format("stoker-load-{}-{}", run_name(), producer));
    for (const auto& [name, value] : plan.settings) properties.set(name, value);
    return properties;
}

kafka::ClientProperties Run::consumer_properties(const GroupPlan& plan, size_t number) const {
    kafka::ClientProperties properties = options_.properties;
    properties.set("client.id", "stoker-load-consumer");
    properties.set("group.id", fmt::format("stoker-load-{}-{}", run_name(), number));
    properties.set("auto.offset.reset", "earliest");
    properties.set("enable.auto.commit", "true");
    properties.set_default("auto.commit.interval.ms", "1000");
    properties.set("isolation.level",
                   plan.read_committed ? "read_committed" : "read_uncommitted");
    for (const auto& [name, value] : plan.settings) properties.set(name, value);
    return properties;
}

void Run::make_groups() {
    for (const GroupPlan& plan : workload_.groups) {
        const size_t number = groups_.size();
        groups_.push_back(std::make_unique<LiveGroup>(
            LiveGroup::Options{.plan = plan,
                               .number = number,
                               .producers = size_t(workload_.producers.count),
                               .partitions = workload_.partitions(),
                               .reader = {.properties = consumer_properties(plan, number),
                                          .topics = result_.topics,
                                          .partitions = workload_.topics.partitions,
                                          .run_id = result_.run_id,
                                          .start_ns = base_ns_,
                                          .start_wall_ns = base_wall_ns_}},
            clock_));
    }
}

/// Waits a little; false when the run is to end early.
bool Run::wait() {
    if (options_.interrupted) {
        if (options_.interrupted(tick)) result_.interrupted = true;
    } else {
        std::this_thread::sleep_for(tick);
    }
    return !result_.interrupted;
}

/// Those that read from the start have their partitions before the first message is sent: joining
/// a group is not what the times are about.
Done Run::start_groups() {
    std::vector<LiveGroup*> first;
    for (auto& group : groups_) {
        if (group->plan().after_load || group->plan().start_after.count() > 0) continue;
        group->start();
        first.push_back(group.get());
    }
    const auto patience = std::chrono::nanoseconds(workload_.limits.patience).count();
    const int64_t give_up_ns = clock_.monotonic_ns() + patience;
    for (LiveGroup* group : first) {
        while (group->assigned() < workload_.partitions()) {
            if (auto why = *group->state().failure.lock()) return std::unexpected(*why);
            if (!wait()) return std::unexpected("interrupted before the load began");
            if (clock_.monotonic_ns() > give_up_ns)
                return std::unexpected("a consumer group did not get all of its partitions");
        }
    }
    return {};
}

Done Run::connect_senders() {
    const int count = workload_.producers.count;
    const bool transactional = workload_.producers.transactions.has_value();
    auto ready = std::make_shared<std::latch>(count);
    for (int i = 0; i < count; ++i) {
        auto& sending = *senders_.emplace_back(std::make_unique<Sending>());
        sending.sender = std::make_unique<Sender>(
            workload_,
            SenderOptions{.producer = i,
                          .run_id = result_.run_id,
                          .seed = options_.seed,
                          .engine = {.properties = producer_properties(i),
                                     .topics = result_.topics,
                                     .transactional = transactional}},
            clock_, stop_);
        sending.thread = std::thread([this, &sending, ready] {
            if (auto connected = sending.sender->connect(); !connected)
                sending.refused = connected.error();
            ready->count_down();
            go_.wait();
            if (!abandoned_ && !sending.refused)
                sending.sender->run(start_ns_, base_wall_ns_ + (start_ns_ - base_ns_));
            sending.done = true;
        });
    }
    while (!ready->try_wait())
        if (!wait()) stop_ = true;
    if (stop_) return std::unexpected("interrupted before the load began");
    for (const auto& sending : senders_)
        if (sending->refused) return std::unexpected(*sending->refused);
    return {};
}

SenderStats Run::sent() const {
    SenderStats total;
    for (const auto& sending : senders_) total.merge(sending->sender->stats());
    return total;
}

int64_t Run::consumed() const {
    int64_t sum = 0;
    for (const auto& group : groups_) sum += group->state().consumed;
    return sum;
}

void Run::watch(Progress::Stage stage) {
    const int64_t now_ns = clock_.monotonic_ns();
    if (!timeline_->is_due(now_ns)) return;
    SenderStats total = sent();
    const Interval& last = timeline_->add(now_ns, total, consumed());
    if (!options_.on_progress) return;
    options_.on_progress({.stage = stage,
                          .elapsed_s = double(now_ns - start_ns_) / 1e9,
                          .load_s = result_.load_s,
                          .sent = std::move(total),
                          .consumed = consumed(),
                          .last = &last});
}

void Run::start_late_groups() {
    const auto passed = std::chrono::nanoseconds(clock_.monotonic_ns() - start_ns_);
    for (auto& group : groups_) {
        if (group->started() || group->plan().after_load) continue;
        if (passed >= group->plan().start_after) group->start();
    }
}

void Run::load() {
    const auto before = cpu_ns_by_thread();
    start_ns_ = clock_.monotonic_ns() + head_start_ns;
    result_.start_wall_ms = (base_wall_ns_ + (start_ns_ - base_ns_)) / 1'000'000;
    timeline_ = std::make_unique<Timeline>(start_ns_);
    go_given_ = true;
    go_.count_down();
    for (auto& group : groups_)
        if (group->started()) group->start_churn();
    const auto is_done = [](const auto& sending) { return sending->done.load(); };
    while (!std::ranges::all_of(senders_, is_done)) {
        if (!wait()) stop_ = true;
        start_late_groups();
        watch(Progress::Stage::loading);
    }
    result_.sent_s = double(clock_.monotonic_ns() - start_ns_) / 1e9;
    note_shares(before);
    for (auto& sending : senders_) sending->thread.join();
    for (const auto& sending : senders_)
        if (auto why = sending->sender->failure()) result_.failure = why;
}

void Run::note_shares(const std::map<pid_t, int64_t>& before) {
    std::map<pid_t, double*> kinds;
    // A sender's thread may be gone; it says itself what it used.
    double ignored = 0;
    for (const auto& sending : senders_) {
        kinds[sending->sender->thread()] = &ignored;
        const double share =
            double(sending->sender->cpu_ns()) / 1e9 / std::max(result_.sent_s, 1e-3);
        result_.sender_share = std::max(result_.sender_share, share);
    }
    for (auto& group : groups_)
        for (const pid_t thread : group->threads()) kinds[thread] = &result_.reader_share;
    for (const auto& [thread, cpu_ns] : cpu_ns_by_thread()) {
        const auto earlier = before.find(thread);
        const int64_t used_ns = cpu_ns - (earlier == before.end() ? 0 : earlier->second);
        const auto kind = kinds.find(thread);
        double& share = kind == kinds.end() ? result_.library_share : *kind->second;
        share = std::max(share, double(used_ns) / 1e9 / std::max(result_.sent_s, 1e-3));
    }
}

/// The group has come to the end of every partition, or has all that it will ever get.
bool Run::has_read_all(LiveGroup& group) {
    const int64_t now_ns = clock_.monotonic_ns();
    const int64_t idle_ns = now_ns - group.state().last_progress_ns;
    if (group.is_dead()) return true;
    if (idle_ns > std::chrono::nanoseconds(workload_.limits.patience).count()) return true;
    if (workload_.producers.transactions)
        return group.state().distinct >= result_.sent.acknowledged && idle_ns > quiet_ns;
    auto ledger = group.state().ledger.lock();
    for (size_t topic = 0; topic < result_.topics.size(); ++topic) {
        for (int32_t p = 0; p < result_.partitions; ++p) {
            const auto end = ends_.find({result_.topics[topic], p});
            const size_t partition = topic * size_t(result_.partitions) + size_t(p);
            if (end == ends_.end() || ledger->end(partition) < end->second) return false;
        }
    }
    return true;
}

void Run::drain() {
    result_.sent = sent();
    std::map<kafka::TopicPartition, int64_t> wanted;
    for (const auto& topic : result_.topics)
        for (int32_t p = 0; p < result_.partitions; ++p)
            wanted[{topic, p}] = kafka::latest_offset;
    for (const auto& [where, listed] : kafka::list_offsets(*admin_, wanted))
        if (listed) ends_[where] = listed->offset;
    for (auto& group : groups_) {
        group->stop_churn();
        if (!group->started()) group->start();
        // The time in which nothing comes is counted from here.
        group->state().last_progress_ns = clock_.monotonic_ns();
    }
    const auto is_done = [this](const auto& group) { return has_read_all(*group); };
    bool interrupted_before = result_.interrupted;
    while (!std::ranges::all_of(groups_, is_done)) {
        // Ctrl-C ends the load; a second one is the system's, and ends the process.
        wait();
        if (result_.interrupted && !interrupted_before) break;
        watch(Progress::Stage::draining);
    }
    result_.total_s = double(clock_.monotonic_ns() - start_ns_) / 1e9;
    for (auto& group : groups_) group->stop();
}

void Run::conclude() {
    std::vector<const SentLedger*> ledgers;
    for (const auto& sending : senders_) ledgers.push_back(&sending->sender->ledger());
    for (auto& group : groups_) {
        auto ledger = group->state().ledger.lock();
        GroupResult one{.consumed = ledger->consumed(), .distinct = ledger->distinct()};
        one.stored_though_failed = audit(ledgers,
                                         {.promised = workload_.producers.acks != "0",
                                          .read_committed = group->plan().read_committed},
                                         *ledger);
        for (size_t i = 0; i < findings; ++i) one.counts[i] = ledger->count(Finding(i));
        one.examples = ledger->examples();
        one.end_to_end_us = *group->state().end_to_end_us.lock();
        one.failure = *group->state().failure.lock();
        result_.groups.push_back(std::move(one));
    }
    result_.intervals = timeline_->take(clock_.monotonic_ns(), sent(), consumed());
}

void Run::delete_topics() {
    if (workload_.topics.keep || result_.topics.empty() || !admin_) return;
    // Nobody to tell: what remains has a name that says what it is.
    [[maybe_unused]] auto deleted = kafka::delete_topics(*admin_, result_.topics);
}

}  // namespace

int64_t RunResult::count(Finding finding) const {
    int64_t sum = 0;
    for (const GroupResult& group : groups) sum += group.count(finding);
    return sum;
}

int64_t RunResult::consumed() const {
    int64_t sum = 0;
    for (const GroupResult& group : groups) sum += group.consumed;
    return sum;
}

std::expected<RunResult, std::string> run_workload(const Workload& workload,
                                                   const RunOptions& options, const Clock& clock) {
    Run run(workload, options, clock);
    return run.run();
}

}  // namespace stoker::workload
