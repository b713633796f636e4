#include "kafka/consume_transform_produce.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stoker::kafka {
namespace {

/// A batch that is aborted again and again waits in between: twice as long each time, up to a
/// second.
constexpr int64_t pause_ms_min = 50;
constexpr int pause_doublings_max = 4;

/// Nobody knows yet: the same is asked again.
bool is_unanswered(const Failure& why) {
    return why.is("TimeoutException") || why.is("WakeupException");
}

/// What led to it, where a call only says that there was an error before.
const Failure& root_of(const Failure& why) {
    const Failure* root = &why;
    while (root->cause) root = root->cause.get();
    return *root;
}

/// Whether the same records, read again, may do better.
bool is_mended_by_another_try(const Failure& why) {
    constexpr std::array codes{
        ErrorCode::transaction_abortable,        ErrorCode::invalid_producer_epoch,
        ErrorCode::out_of_order_sequence_number, ErrorCode::unknown_producer_id,
        ErrorCode::invalid_producer_id_mapping};
    return is_unanswered(why) || is_retriable(why) || why.is("CommitFailedException") ||
           std::ranges::find(codes, why.code) != codes.end();
}

Failure no_member(std::string why) {
    return {.exception = "org.apache.kafka.clients.consumer.CommitFailedException",
            .message = std::move(why)};
}

Outcome<void> check(const ConsumeTransformProduce::Properties& properties) {
    const auto commits = properties.consumer.get_boolean("enable.auto.commit", false);
    if (!commits) return failed(commits.error());
    if (*commits) {
        return failed(config_failure("enable.auto.commit must be false: offsets are committed in "
                                     "transactions"));
    }
    if (properties.consumer.get_or("group.id", "").empty()) {
        return failed(config_failure("group.id is needed: offsets are committed for a group"));
    }
    if (!properties.producer.has("transactional.id")) {
        return failed(config_failure("transactional.id is needed"));
    }
    return {};
}

}  // namespace

Outcome<std::unique_ptr<ConsumeTransformProduce>> ConsumeTransformProduce::create(
    const Properties& properties, const Options& options, Transform transform, Log log,
    const Clock& clock, const Wakeup* wakeup) {
    if (auto fine = check(properties); !fine) return failed(fine.error());
    ClientProperties reads = properties.consumer;
    reads.set("enable.auto.commit", "false");
    reads.set_default("isolation.level", "read_committed");
    ClientProperties writes = properties.producer;
    writes.set_default("max.block.ms", "10000");
    auto consumer = Consumer::create(reads, log, clock, wakeup);
    if (!consumer) return failed(consumer.error());
    // A record that was not stored is an error of the producer's transaction.
    auto producer =
        Producer::create(writes, std::move(log), clock, [](const Delivery&) {}, wakeup);
    if (!producer) return failed(producer.error());
    return std::unique_ptr<ConsumeTransformProduce>(
        new ConsumeTransformProduce(options, std::move(transform), clock, wakeup,
                                    std::move(*consumer), std::move(*producer)));
}

ConsumeTransformProduce::ConsumeTransformProduce(const Options& options, Transform transform,
                                                 const Clock& clock, const Wakeup* wakeup,
                                                 std::unique_ptr<Consumer> consumer,
                                                 std::unique_ptr<Producer> producer)
    : options_(options),
      transform_(std::move(transform)),
      clock_(clock),
      wakeup_(wakeup),
      consumer_(std::move(consumer)),
      producer_(std::move(producer)),
      linger_(clock, 0) {
    send_ = [this](const ProducerRecord& record) {
        if (not_sent_) return;
        if (auto sent = producer_->send(record); !sent) not_sent_ = sent.error();
    };
}

void ConsumeTransformProduce::subscribe(std::vector<std::string> topics) {
    RebalanceListener listener;
    listener.on_revoked = [this](const auto& partitions) {
        if (phase_ == Phase::open) finish();
        forget(partitions);
    };
    listener.on_lost = [this](const auto& partitions) {
        if (phase_ == Phase::open) fail(no_member("The partitions were lost"));
        forget(partitions);
    };
    consumer_->subscribe(std::move(topics), std::move(listener));
}

/// These are no longer ours: should they come back, the group knows where to go on.
void ConsumeTransformProduce::forget(const std::vector<TopicPartition>& partitions) {
    for (const TopicPartition& where : partitions) {
        first_.erase(where);
        committing_.erase(where);
        committed_.erase(where);
    }
}

size_t ConsumeTransformProduce::poll(int64_t timeout_ms) {
    const Deadline deadline(clock_, timeout_ms);
    done_ = 0;
    if (settle()) read(deadline);
    else consumer_->keep_alive();
    if (failure_) {
        const Failure why = *failure_;
        if (phase_ != Phase::fatal) failure_.reset();
        throw KafkaException(why);
    }
    return done_;
}

/// Ends what an earlier call has left; whether there is nothing of it any more.
bool ConsumeTransformProduce::settle() {
    if (phase_ == Phase::starting) {
        const auto known = producer_->init_transactions();
        if (known) phase_ = Phase::idle;
        else if (!is_unanswered(known.error())) end_for_good(known.error());
    } else if (phase_ == Phase::committing) {
        commit();
    } else if (phase_ == Phase::aborting) {
        abort();
    } else if (phase_ == Phase::open) {
        // The caller's transform has thrown.
        rewind();
        abort();
    }
    return phase_ == Phase::idle && !failure_;
}

void ConsumeTransformProduce::read(const Deadline& deadline) {
    if (aborts_in_a_row_ > 1) {
        const int64_t pause = pause_ms_min << std::min(aborts_in_a_row_ - 2, pause_doublings_max);
        wait_readable({}, wakeup_, std::min(pause, deadline.left_ms()));
    }
    while (wants_more()) {
        const Deadline& until = phase_ == Phase::open ? linger_ : deadline;
        const auto found = consumer_->poll(until.left_ms());
        if (!found && found.error().is("WakeupException")) break;
        if (!found) {
            if (phase_ == Phase::open) fail(found.error());
            else if (!failure_) failure_ = found.error();
            return;
        }
        const bool was_open = phase_ == Phase::open;
        if (!*found && (was_open || deadline.passed())) break;
        while (wants_more()) {
            const ConsumerRecord* record = consumer_->next();
            if (record == nullptr) break;
            take(*record);
        }
    }
    if (phase_ == Phase::open) finish();
}

bool ConsumeTransformProduce::wants_more() const {
    if (phase_ == Phase::idle) return done_ == 0 && !failure_;
    return phase_ == Phase::open && !not_sent_ && count_ < options_.records_max &&
           !linger_.passed() && !(wakeup_ != nullptr && wakeup_->raised());
}

void ConsumeTransformProduce::take(const ConsumerRecord& record) {
    if (phase_ == Phase::idle) {
        if (auto begun = producer_->begin_transaction(); !begun) {
            return end_for_good(begun.error());
        }
        phase_ = Phase::open;
        linger_ = Deadline(clock_, options_.linger_ms);
    }
    first_.try_emplace(*record.where, record.view.offset);
    ++count_;
    transform_(record, send_);
}

/// Commits what was read so far, or aborts it.
void ConsumeTransformProduce::finish() {
    if (not_sent_) return fail(*not_sent_);
    if (auto sent = send_offsets(); !sent) return fail(sent.error());
    phase_ = Phase::committing;
    commit();
}

Outcome<void> ConsumeTransformProduce::send_offsets() {
    const auto group = consumer_->group_metadata();
    if (!group) return failed(group.error());
    // Brokers take offsets of nobody in particular without looking whose partitions they are.
    if (group->generation < 1) return failed(no_member("The group has to be joined first"));
    committing_.clear();
    for (const auto& [where, at] : consumer_->positions()) {
        const auto before = committed_.find(where);
        if (before == committed_.end() || before->second != at) committing_[where] = at;
    }
    return producer_->send_offsets_to_transaction(committing_, *group);
}

void ConsumeTransformProduce::commit() {
    const auto ended = producer_->commit_transaction();
    if (!ended) {
        if (!is_unanswered(ended.error())) fail(ended.error());
        return;
    }
    for (const auto& [where, at] : committing_) committed_[where] = at;
    done_ += count_;
    count_ = 0;
    first_.clear();
    aborts_in_a_row_ = 0;
    phase_ = Phase::idle;
}

void ConsumeTransformProduce::abort() {
    phase_ = Phase::aborting;
    const auto ended = producer_->abort_transaction();
    if (ended) {
        ++aborts_in_a_row_;
        phase_ = Phase::idle;
    } else if (!is_unanswered(ended.error())) {
        end_for_good(ended.error());
    }
}

/// Nothing of the batch is committed. It is read again, and told to the caller if that is no use.
void ConsumeTransformProduce::fail(const Failure& why) {
    const Failure root = root_of(why);
    rewind();
    abort();
    if (phase_ == Phase::fatal) failure_ = root;
    else if (!is_mended_by_another_try(root)) failure_ = root;
}

/// To where the batch began: the offsets that are committed, or where reading began when none are.
void ConsumeTransformProduce::rewind() {
    for (const auto& [where, offset] : first_) consumer_->seek(where, offset);
    first_.clear();
    not_sent_.reset();
    count_ = 0;
}

void ConsumeTransformProduce::end_for_good(const Failure& why) {
    phase_ = Phase::fatal;
    failure_ = root_of(why);
}

void ConsumeTransformProduce::close() {
    if (phase_ != Phase::starting && phase_ != Phase::fatal) std::ignore = settle();
    consumer_->close();
}

}  // namespace stoker::kafka
