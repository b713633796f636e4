#include "schedule/runner.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <random>
#include <utility>

#include <fmt/format.h>

namespace stoker::schedule {
namespace {

/// A standby looks at its group that often; a worker at the clock when something is due.
constexpr int64_t wait_max_ms = 1000;
constexpr int64_t retry_ms = 1000;
constexpr const char* send_block_ms = "5000";
constexpr std::string_view id_header = "stoker_schedule";
constexpr std::string_view time_header = "stoker_scheduled_ms";

}  // namespace

Runner::Runner(Store& store, std::string topic, std::string group, program::Journal& journal,
               const Clock& clock)
    : topic_(std::move(topic)),
      journal_(journal),
      clock_(clock),
      running_since_ms_(clock.wall_ms()),
      random_(std::random_device{}()) {
    auto properties = store.properties();
    properties.set("group.id", std::move(group));
    properties.set("enable.auto.commit", "false");
    // Nothing is ever committed: who takes over reads everything.
    properties.set("auto.offset.reset", "earliest");
    program::prefer_consumer_protocol(store.admin(), properties);
    consumer_ = kafka::value_or_throw(
        kafka::Consumer::create(properties, journal.client_log(), clock, &interrupt_.wakeup()));
    auto sending = store.properties();
    sending.set_default("max.block.ms", send_block_ms);
    producer_ = kafka::value_or_throw(kafka::Producer::create(
        sending, journal.client_log(), clock, [this](const kafka::Delivery& delivery) {
            if (delivery.failure == nullptr) return;
            for (const int64_t tag : delivery.tags) {
                if (tag >= 0)
                    outgoing_.at(size_t(tag)).failure = *delivery.failure;
                else
                    journal_.say("progress could not be kept: " + delivery.failure->text());
            }
        }));
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
    ready_ = false;
    if (consumer_->assigned().empty()) return;
    planner_.emplace(random_, running_since_ms_);
    end_ = Offset{-1};
}

void Runner::step_down() {
    // At its own stop it gives the partition back, which nobody has taken.
    if (planner_ && !interrupt_.raised()) {
        journal_.say("another runner has taken over; waiting");
    }
    planner_.reset();
    ready_ = false;
    outgoing_.clear();  // the other one sends them
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
    const kafka::TopicPartition partition{topic_, 0};
    if (end_ < Offset{0}) {
        const kafka::Deadline deadline(clock_, consumer_->settings().common.default_api_timeout_ms);
        end_ = kafka::value_or_throw(
            consumer_->offset_for(partition, kafka::latest_timestamp, deadline));
    }
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
    if (ready_ || consumer_->position(partition).value_or(Offset{-1}) < end_) return;
    ready_ = true;
    journal_.say(fmt::format("running {} schedules", planner_->entries().size()));
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
    for (Firing& firing : due.firings) outgoing_.push_back({.firing = std::move(firing)});
    if (outgoing_.empty()) return;
    send();
    keep_progress();
    if (!outgoing_.empty()) retry_at_ms_ = clock_.monotonic_ms() + retry_ms;
}

void Runner::send() {
    for (size_t i = 0; i < outgoing_.size(); ++i) {
        Outgoing& outgoing = outgoing_[i];
        outgoing.failure.reset();
        const Firing& firing = outgoing.firing;
        const std::string time = std::to_string(firing.scheduled_ms);
        const std::array<record::Header, 2> headers = {
            record::Header{id_header, bytes_of(firing.id)},
            record::Header{time_header, bytes_of(time)}};
        kafka::ProducerRecord record{
            .topic = firing.topic, .value = bytes_of(firing.message), .headers = headers};
        if (firing.key) record.key = bytes_of(*firing.key);
        if (const auto sent = producer_->send(record, int64_t(i)); !sent)
            outgoing.failure = sent.error();
    }
    producer_->flush();
}

/// One schedule whose topic is out of reach holds the others up: not for ever.
bool Runner::may_try_again(const Outgoing& outgoing) const {
    return kafka::is_retriable(*outgoing.failure) &&
           clock_.wall_ms() - outgoing.firing.scheduled_ms <= Planner::late_max_ms;
}

/// What arrived is kept as progress, up to the first of its schedule that did not.
void Runner::keep_progress() {
    std::map<std::string, Progress> reached;
    std::deque<Outgoing> left;
    for (Outgoing& outgoing : outgoing_) {
        const Firing& firing = outgoing.firing;
        if (outgoing.failure && may_try_again(outgoing)) {
            journal_.say(fmt::format("schedule {}: not sent, to be tried again: {}", firing.id,
                                     outgoing.failure->text()));
            left.push_back(std::move(outgoing));
            continue;
        }
        if (outgoing.failure) {
            journal_.say(
                fmt::format("schedule {}: given up: {}", firing.id, outgoing.failure->text()));
        } else {
            const std::string line = shown(firing);
            std::printf("%s\n", line.c_str());
            journal_.note(line);
        }
        const bool behind_a_gap =
            std::ranges::any_of(left, [&](const Outgoing& o) { return o.firing.id == firing.id; });
        if (!behind_a_gap) reached[firing.id] = firing.progress;
    }
    std::fflush(stdout);
    outgoing_ = std::move(left);
    for (const auto& [id, progress] : reached) {
        const std::string key = progress_key(id), json = to_json(progress);
        const auto sent = producer_->send(
            {.topic = topic_, .partition = 0, .key = bytes_of(key), .value = bytes_of(json)}, -1);
        if (!sent) journal_.say("progress could not be kept: " + sent.error().text());
    }
    producer_->flush();
}

std::string Runner::shown(const Firing& firing) const {
    return fmt::format("{} {} <- {} ({})", kafka::log_time(firing.scheduled_ms), firing.topic,
                       firing.message, firing.id);
}

}  // namespace stoker::schedule
