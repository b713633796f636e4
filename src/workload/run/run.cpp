#include "workload/run/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <utility>

#include "kafka/admin.hpp"
#include "kafka/admin_partitions.hpp"
#include "kafka/admin_topics.hpp"
#include "load/wall_time.hpp"
#include "workload/ledger/audit.hpp"
#include "workload/report/verdict.hpp"
#include "workload/run/live_group.hpp"
#include "workload/run/local_senders.hpp"
#include "workload/run/timeline.hpp"
#include "workload/sender/thread_time.hpp"
#include "workload/worker/worker_senders.hpp"

namespace stoker::workload {
namespace {

using std::chrono::milliseconds;
using Done = std::expected<void, std::string>;

constexpr milliseconds tick{50};
/// Between the moment when everybody is ready and the first message.
constexpr int64_t head_start_ns = 50'000'000;
constexpr const char* admin_timeout_ms = "15000";
constexpr const char* admin_request_timeout_ms = "10000";

class Run {
public:
    Run(const Workload& workload, const RunOptions& options, const Clock& clock)
        : workload_(workload), options_(options), clock_(clock) {}
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run();

    std::expected<RunResult, std::string> run();

private:
    Done make_senders();
    Done make_topics();
    Done make_admin();
    void make_groups();
    Done start_groups();
    Done connect_senders();
    void load();
    void start_late_groups();
    void drain();
    void note_ends();
    int64_t end_of(const LiveGroup& group, size_t partition) const;
    bool has_read_all(LiveGroup& group);
    void conclude();
    void delete_topics();
    bool wait();
    void watch(Progress::Stage stage);
    int64_t consumed() const;
    kafka::ClientProperties consumer_properties(const GroupPlan& plan, size_t number) const;

    const Workload& workload_;
    const RunOptions& options_;
    const Clock& clock_;
    const kafka::Log quiet_{clock_, [](std::string_view) {}};
    std::unique_ptr<kafka::Admin> admin_;
    RunResult result_;
    int64_t base_ns_ = 0;
    int64_t base_wall_ns_ = 0;
    int64_t start_ns_ = 0;
    std::vector<std::unique_ptr<LiveGroup>> groups_;
    std::unique_ptr<Senders> senders_;
    std::optional<SendersResult> sent_;
    /// By partition of all topics, as readers of all and of committed records see them. -1:
    /// unknown.
    std::array<std::vector<int64_t>, 2> ends_;
    std::unique_ptr<Timeline> timeline_;
    bool is_over_ = false;
};

Run::~Run() {
    senders_.reset();
    groups_.clear();
    if (!is_over_ && !workload_.topics.keep) delete_topics();
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
    if (auto done = make_senders(); !done) return std::unexpected(done.error());
    if (auto done = make_admin(); !done) return std::unexpected(done.error());
    if (auto done = make_topics(); !done) return std::unexpected(done.error());
    make_groups();
    if (auto done = start_groups(); !done) return std::unexpected(done.error());
    if (auto done = connect_senders(); !done) return std::unexpected(done.error());
    load();
    drain();
    conclude();
    // Whoever reads of findings wants to look at them.
    result_.topics_kept = workload_.topics.keep || !findings_of(workload_, result_).empty();
    if (!result_.topics_kept) delete_topics();
    is_over_ = true;
    return std::exchange(result_, {});
}

/// Before anything has a thread: processes are forked here.
Done Run::make_senders() {
    if (workload_.workers <= 1) {
        senders_ = std::make_unique<LocalSenders>(
            workload_, options_.properties, ProducerRange{.last = workload_.producers.count},
            clock_);
        return {};
    }
    auto workers = WorkerSenders::start(workload_, options_.properties, clock_);
    if (!workers) return std::unexpected(workers.error());
    senders_ = std::move(*workers);
    return {};
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
        const std::string name = fmt::format("{}-{}-{}", prefix, run_name(result_.run_id), i);
        auto made = kafka::create_topic(*admin_, {.name = name,
                                                  .partitions = plan.partitions,
                                                  .replication_factor = plan.replication_factor,
                                                  .configs = plan.configs});
        if (!made) return std::unexpected("topic " + name + ": " + made.error().text());
        result_.topics.push_back(name);
    }
    return {};
}

kafka::ClientProperties Run::consumer_properties(const GroupPlan& plan, size_t number) const {
    kafka::ClientProperties properties = options_.properties;
    properties.set("client.id", "stoker-load-consumer");
    properties.set("group.id",
                   fmt::format("stoker-load-{}-{}", run_name(result_.run_id), number));
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
                               .reader = {.engine = workload_.engine,
                                          .properties = consumer_properties(plan, number),
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
    senders_->connect({.run_id = result_.run_id,
                       .seed = options_.seed,
                       .topics = result_.topics,
                       .base_ns = base_ns_,
                       .base_wall_ns = base_wall_ns_});
    while (!senders_->ready()) {
        if (wait()) continue;
        senders_->stop();
        return std::unexpected("interrupted before the load began");
    }
    if (const auto why = senders_->refused()) return std::unexpected(*why);
    return {};
}

int64_t Run::consumed() const {
    int64_t sum = 0;
    for (const auto& group : groups_) sum += group->state().consumed;
    return sum;
}

void Run::watch(Progress::Stage stage) {
    const int64_t now_ns = clock_.monotonic_ns();
    if (!timeline_->is_due(now_ns)) return;
    SenderStats total = sent_ ? sent_->stats : senders_->stats();
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
    const BusyThreads busy;
    start_ns_ = clock_.monotonic_ns() + head_start_ns;
    result_.start_wall_ms = (base_wall_ns_ + (start_ns_ - base_ns_)) / 1'000'000;
    timeline_ = std::make_unique<Timeline>(start_ns_);
    senders_->go(start_ns_);
    for (auto& group : groups_)
        if (group->started()) group->start_churn();
    while (!senders_->done()) {
        if (!wait()) senders_->stop();
        start_late_groups();
        watch(Progress::Stage::loading);
    }
    auto ours = senders_->threads();
    sent_ = senders_->take();
    result_.sent = sent_->stats;
    result_.failure = sent_->failure;
    // To the last answer, and no shorter than was planned: the end may be a pause.
    result_.sent_s = double(std::max(sent_->answered_ns, start_ns_) - start_ns_) / 1e9;
    if (!result_.interrupted && !result_.failure)
        result_.sent_s = std::max(result_.sent_s, result_.load_s);
    std::set<pid_t> readers;
    for (auto& group : groups_) readers.merge(group->threads());
    result_.sender_share = sent_->sender_share;
    result_.reader_share = busy.among(readers, result_.sent_s);
    // This thread only watches.
    ours.insert(::gettid());
    ours.merge(readers);
    result_.library_share =
        std::max(sent_->library_share, busy.beside(ours, result_.sent_s));
}

/// The group has come to the end of every partition, or has all that it will ever get.
bool Run::has_read_all(LiveGroup& group) {
    const int64_t now_ns = clock_.monotonic_ns();
    const int64_t idle_ns = now_ns - group.state().last_progress_ns;
    if (group.is_dead()) return true;
    const std::chrono::nanoseconds patience =
        workload_.limits.patience + group.plan().slow_delay;
    if (idle_ns > patience.count()) return true;
    auto ledger = group.state().ledger.lock();
    for (size_t p = 0; p < workload_.partitions(); ++p) {
        const int64_t end = end_of(group, p);
        if (end < 0 || ledger->end(p) < end) return false;
    }
    return true;
}

int64_t Run::end_of(const LiveGroup& group, size_t partition) const {
    return ends_[group.plan().read_committed][partition];
}

void Run::note_ends() {
    std::map<kafka::TopicPartition, int64_t> wanted;
    for (const auto& topic : result_.topics)
        for (int32_t p = 0; p < result_.partitions; ++p)
            wanted[{topic, p}] = kafka::latest_offset;
    for (const bool committed : {false, true}) {
        ends_[committed].assign(workload_.partitions(), -1);
        const bool needed = std::ranges::any_of(groups_, [committed](const auto& group) {
            return group->plan().read_committed == committed;
        });
        if (!needed) continue;
        const auto listed = kafka::list_offsets(*admin_, wanted, committed);
        for (size_t p = 0; p < workload_.partitions(); ++p) {
            const auto per_topic = size_t(result_.partitions);
            const auto found = listed.find({result_.topics[p / per_topic], int32_t(p % per_topic)});
            if (found != listed.end() && found->second) ends_[committed][p] = found->second->offset;
        }
    }
}

void Run::drain() {
    note_ends();
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
    for (const SentLedger& ledger : sent_->ledgers) ledgers.push_back(&ledger);
    for (auto& group : groups_) {
        auto ledger = group->state().ledger.lock();
        GroupResult one{.consumed = ledger->consumed(), .distinct = ledger->distinct()};
        std::vector<bool> unfinished;
        for (size_t p = 0; p < workload_.partitions(); ++p) {
            const int64_t end = end_of(*group, p);
            unfinished.push_back(end < 0 || ledger->end(p) < end);
        }
        const AuditResult audited = audit(ledgers,
                                          {.promised = workload_.producers.acks != "0",
                                           .read_committed = group->plan().read_committed,
                                           .unfinished = std::move(unfinished)},
                                          *ledger);
        one.stored_though_failed = audited.stored_though_failed;
        one.unread = audited.unread;
        for (size_t i = 0; i < findings; ++i) one.counts[i] = ledger->count(Finding(i));
        one.examples = ledger->examples();
        one.end_to_end_us = *group->state().end_to_end_us.lock();
        one.failure = *group->state().failure.lock();
        result_.groups.push_back(std::move(one));
    }
    result_.intervals = timeline_->take(clock_.monotonic_ns(), sent_->stats, consumed());
}

void Run::delete_topics() {
    if (result_.topics.empty() || !admin_) return;
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
