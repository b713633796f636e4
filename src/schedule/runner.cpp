#include "schedule/runner.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <map>
#include <random>
#include <utility>

#include <fmt/format.h>

namespace stoker::schedule {
namespace {

/// A standby looks at its group that often; a worker at the clock when something is due.
constexpr int64_t wait_max_ms = 1000;
constexpr int64_t retry_ms = 1000;
/// Those that are left wait for the next attempt: the group wants to hear from its member.
constexpr int64_t one_by_one_max_ms = 10'000;
constexpr const char* send_block_ms = "5000";
constexpr std::string_view id_header = "stoker_schedule";
constexpr std::string_view time_header = "stoker_scheduled_ms";

}  // namespace

Runner::Runner(Store& store, std::string topic, std::string group, program::Journal& journal,
               const Clock& clock, metrics::SendingInstruments& metrics)
    : store_(store),
      topic_(std::move(topic)),
      transactional_id_(group + "-" + topic_),
      journal_(journal),
      clock_(clock),
      metrics_(metrics),
      running_since_ms_(clock.wall_ms()),
      random_(std::random_device{}()) {
    auto properties = store.properties();
    properties.set("group.id", std::move(group));
    properties.set("enable.auto.commit", "false");
    // Nothing is ever committed: who takes over reads everything.
    properties.set("auto.offset.reset", "earliest");
    properties.set("isolation.level", "read_committed");
    program::prefer_consumer_protocol(store.admin(), properties);
    consumer_ = kafka::value_or_throw(
        kafka::Consumer::create(properties, journal.client_log(), clock, &interrupt_.wakeup()));
}

void Runner::run() {
    consumer_->subscribe({topic_}, {.on_assigned = [this](const auto&) { take_over(); },
                                    .on_revoked = [this](const auto&) { step_down(); }});
    journal_.note("waiting for the schedules");
    while (!interrupt_.raised()) {
        follow();
        if (ready_) fire_due();
    }
    consumer_->close();
}

void Runner::take_over() {
    planner_.reset();
    end_.reset();
    ready_ = false;
    if (consumer_->assigned().empty()) return;
    planner_.emplace(random_, running_since_ms_);
    make_producer();
}

void Runner::step_down() {
    // At its own stop it gives the partition back, which nobody has taken.
    if (planner_ && !interrupt_.raised()) {
        journal_.say("another runner has taken over; waiting");
    }
    planner_.reset();
    producer_.reset();
    ready_ = false;
    outgoing_.clear();  // the other one sends them
}

/// Whether the last transaction was committed only the topic knows: all is read once more.
void Runner::begin_anew() {
    outgoing_.clear();
    take_over();
    consumer_->seek_to({topic_, 0}, kafka::earliest_timestamp);
}

void Runner::make_producer() {
    auto properties = store_.properties();
    properties.set_default("max.block.ms", send_block_ms);
    properties.set("transactional.id", transactional_id_);
    // What is not stored fails the transaction, which says why.
    producer_ = kafka::value_or_throw(kafka::Producer::create(
        properties, journal_.client_log(), clock_, [](const kafka::Delivery&) {},
        &interrupt_.wakeup()));
}

/// Takes in what the topic says and waits for it, or for the next time, at most.
void Runner::follow() {
    const auto found = consumer_->poll(wait_ms());
    if (!found && interrupt_.raised()) return;
    kafka::value_or_throw(found);
    if (!planner_) {
        while (consumer_->next() != nullptr) continue;
        return;
    }
    read_new();
    if (ready_ || (!end_ && !shut_others_out())) return;
    const kafka::TopicPartition partition{topic_, 0};
    if (consumer_->position(partition).value_or(Offset{-1}) < *end_) return;
    ready_ = true;
    journal_.say(fmt::format("running {} schedules", planner_->entries().size()));
}

void Runner::read_new() {
    const RecordHandler handler{
        .on_definition =
            [&](const std::string& id, const Schedule* schedule) {
                if (schedule == nullptr) return planner_->remove(id);
                if (const auto put = planner_->put(*schedule); !put)
                    journal_.say(fmt::format("schedule {} is passed over: {}", id, put.error()));
            },
        .on_progress =
            [&](const std::string& id, const Progress* progress) {
                if (progress != nullptr) planner_->set_progress(id, *progress);
            }};
    while (const auto* record = consumer_->next()) read_record(record->view, handler, journal_);
}

/// What is in the topic from then on is all that the one before did. False: to be tried again.
bool Runner::shut_others_out() {
    const auto done = producer_->init_transactions();
    if (!done) {
        if (interrupt_.raised()) return false;
        if (!kafka::is_retriable(done.error())) throw kafka::KafkaException(done.error());
        journal_.say("not running yet: " + done.error().text());
        return false;
    }
    const kafka::Deadline deadline(clock_, consumer_->settings().common.default_api_timeout_ms);
    end_ = kafka::value_or_throw(
        consumer_->offset_for({topic_, 0}, kafka::latest_timestamp, deadline));
    return true;
}

int64_t Runner::wait_ms() const {
    if (!ready_) return wait_max_ms;
    const int64_t until_retry = retry_at_ms_ - clock_.monotonic_ms();
    if (!outgoing_.empty()) return std::clamp<int64_t>(until_retry, 0, wait_max_ms);
    const auto next = planner_->next_ms();
    return next ? std::clamp<int64_t>(*next - clock_.wall_ms(), 0, wait_max_ms) : wait_max_ms;
}

void Runner::fire_due() {
    if (!outgoing_.empty() && clock_.monotonic_ms() < retry_at_ms_) return;
    auto due = planner_->take_due(clock_.wall_ms());
    if (due.skipped > 0) {
        journal_.say(
            fmt::format("{} times that passed while no runner worked are left out", due.skipped));
    }
    outgoing_.insert(outgoing_.end(), std::make_move_iterator(due.firings.begin()),
                     std::make_move_iterator(due.firings.end()));
    if (outgoing_.empty()) return;
    if (fired(outgoing_, outgoing_.size() == 1)) outgoing_.clear();
    else if (ready_) fire_one_by_one();
    if (!outgoing_.empty()) retry_at_ms_ = clock_.monotonic_ms() + retry_ms;
}

/// So that one schedule whose topic is out of reach does not hold the others up, nor for ever
/// itself. Those of one schedule keep their order.
void Runner::fire_one_by_one() {
    std::vector<Firing> all = std::exchange(outgoing_, {});
    std::vector<Firing> stuck, later;
    const kafka::Deadline deadline(clock_, one_by_one_max_ms);
    for (Firing& firing : all) {
        const auto is_before = [&](const Firing& other) { return other.id == firing.id; };
        if (std::ranges::any_of(stuck, is_before)) stuck.push_back(std::move(firing));
        else if (deadline.passed()) later.push_back(std::move(firing));
        else if (!fired({&firing, 1}, true)) stuck.push_back(std::move(firing));
        if (!ready_) return;
    }
    outgoing_ = std::move(later);
    outgoing_.insert(outgoing_.end(), std::make_move_iterator(stuck.begin()),
                     std::make_move_iterator(stuck.end()));
}

/// Whether there is nothing left to do for them. What fails `alone` is to blame itself.
bool Runner::fired(std::span<const Firing> firings, bool alone) {
    const auto sent = send_together(firings);
    if (sent) {
        for (const Firing& firing : firings) report(firing);
        metrics_.records_sent.add(firings.size());
        std::fflush(stdout);
        return true;
    }
    if (!ready_ || !alone) return false;
    const Firing& firing = firings.front();
    const bool again = may_try_again(firing, sent.error());
    if (!again) metrics_.records_failed.add();
    journal_.say(fmt::format("schedule {}: {}: {}", firing.id,
                             again ? "not sent, to be tried again" : "given up",
                             sent.error().text()));
    return !again;
}

/// In one transaction with their progress: all, or nothing.
kafka::Outcome<void> Runner::send_together(std::span<const Firing> firings) {
    auto done = producer_->begin_transaction();
    for (const Firing& firing : firings) {
        if (done) done = send(firing);
    }
    if (done) done = send_progress(firings);
    if (done) done = producer_->commit_transaction();
    if (done) return done;
    const auto aborted = producer_->abort_transaction();
    if (aborted) return done;
    if (aborted.error().is("ProducerFencedException")) step_down();
    else begin_anew();
    return done;
}

kafka::Outcome<void> Runner::send(const Firing& firing) {
    const std::string time = std::to_string(firing.scheduled_ms);
    const std::array<record::Header, 2> headers = {record::Header{id_header, bytes_of(firing.id)},
                                                   record::Header{time_header, bytes_of(time)}};
    kafka::ProducerRecord record{
        .topic = firing.topic, .value = bytes_of(firing.message), .headers = headers};
    if (firing.key) record.key = bytes_of(*firing.key);
    return producer_->send(record);
}

/// Of each schedule how far it came last.
kafka::Outcome<void> Runner::send_progress(std::span<const Firing> firings) {
    std::map<std::string, Progress> reached;
    for (const Firing& firing : firings) reached[firing.id] = firing.progress;
    for (const auto& [id, progress] : reached) {
        const std::string key = progress_key(id), json = to_json(progress);
        const auto sent = producer_->send(
            {.topic = topic_, .partition = 0, .key = bytes_of(key), .value = bytes_of(json)});
        if (!sent) return sent;
    }
    return {};
}

bool Runner::may_try_again(const Firing& firing, const kafka::Failure& why) const {
    return kafka::is_retriable(why) &&
           clock_.wall_ms() - firing.scheduled_ms <= Planner::late_max_ms;
}

void Runner::report(const Firing& firing) {
    const std::string line = fmt::format("{} {} <- {} ({})", kafka::log_time(firing.scheduled_ms),
                                         firing.topic, firing.message, firing.id);
    std::printf("%s\n", line.c_str());
    journal_.note(line);
}

}  // namespace stoker::schedule
