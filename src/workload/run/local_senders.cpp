#include "workload/run/local_senders.hpp"

#include <algorithm>
#include <utility>

namespace stoker::workload {

LocalSenders::LocalSenders(const Workload& workload, kafka::ClientProperties properties,
                           const ProducerRange& producers, const Clock& clock)
    : workload_(workload),
      properties_(std::move(properties)),
      producers_(producers),
      clock_(clock) {}

LocalSenders::~LocalSenders() {
    stop_ = true;
    abandoned_ = !go_given_;
    if (!go_given_) go_.count_down();
    for (auto& sending : senders_)
        if (sending->thread.joinable()) sending->thread.join();
}

void LocalSenders::connect(const SendersPlan& plan) {
    plan_ = plan;
    tables_.emplace(workload_.content, plan.seed);
    ready_ = std::make_unique<std::latch>(producers_.last - producers_.first);
    for (int producer = producers_.first; producer < producers_.last; ++producer) {
        auto& sending = *senders_.emplace_back(std::make_unique<Sending>());
        SenderOptions options{.producer = producer, .run_id = plan.run_id, .seed = plan.seed};
        options.engine.properties =
            producer_properties(workload_, properties_, plan.run_id, producer);
        options.engine.topics = plan.topics;
        options.engine.transactional = workload_.producers.transactions.has_value();
        sending.sender =
            std::make_unique<Sender>(workload_, *tables_, std::move(options), clock_, stop_);
        start(sending);
    }
}

void LocalSenders::start(Sending& sending) {
    sending.thread = std::thread([this, &sending] {
        if (auto connected = sending.sender->connect(); !connected)
            sending.refused = connected.error();
        ready_->count_down();
        go_.wait();
        if (!abandoned_ && !sending.refused)
            sending.sender->run(start_ns_, plan_.base_wall_ns + (start_ns_ - plan_.base_ns));
        sending.done = true;
    });
}

std::optional<std::string> LocalSenders::refused() {
    for (const auto& sending : senders_)
        if (sending->refused) return sending->refused;
    return std::nullopt;
}

void LocalSenders::go(int64_t start_ns) {
    start_ns_ = start_ns;
    go_given_ = true;
    go_.count_down();
}

SenderStats LocalSenders::stats() {
    SenderStats total;
    for (const auto& sending : senders_) total.merge(sending->sender->stats());
    return total;
}

bool LocalSenders::done() {
    return std::ranges::all_of(senders_, [](const auto& sending) { return sending->done.load(); });
}

SendersResult LocalSenders::take() {
    SendersResult result{.stats = stats()};
    for (auto& sending : senders_) {
        sending->thread.join();
        Sender& sender = *sending->sender;
        result.ledgers.push_back(sender.take_ledger());
        if (auto why = sender.failure()) result.failure = std::move(why);
        result.answered_ns = std::max(result.answered_ns, sender.answered_ns());
    }
    const double seconds = std::max(double(result.answered_ns - start_ns_) / 1e9, 1e-3);
    for (const auto& sending : senders_)
        result.sender_share =
            std::max(result.sender_share, double(sending->sender->cpu_ns()) / 1e9 / seconds);
    return result;
}

std::set<int> LocalSenders::threads() const {
    std::set<int> all;
    for (const auto& sending : senders_) all.insert(sending->sender->thread());
    return all;
}

}  // namespace stoker::workload
