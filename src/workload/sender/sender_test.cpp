// What a sender says of its messages when the client under it does not do what it should. The
// client is a script, and time passes only while the sender waits.
#include <gtest/gtest.h>

#include <deque>

#include "workload/sender/sender.hpp"

namespace stoker::workload {
namespace {

constexpr int64_t millisecond_ns = 1'000'000;
const std::string broken = "broken";

/// What the client does; read and written by the one thread of a test.
struct Script {
    int answers_max = INT32_MAX;  ///< messages that it answers at all
    bool commits = true;
    bool aborts = true;
    /// From this message on, counted from 0, the client says for good that it cannot go on.
    int fatal_from = INT32_MAX;
    int taken = 0;
};

class ScriptedEngine final : public Engine {
public:
    ScriptedEngine(Script& script, ManualClock& clock, OnDelivered on_delivered)
        : script_(script), clock_(clock), on_delivered_(std::move(on_delivered)) {}

    std::expected<void, std::string> connect() override { return {}; }
    Taken send(const Outgoing& message) override {
        ++script_.taken;
        waiting_.push_back(message.tag);
        return Taken::yes;
    }
    void poll(int64_t until_ns) override {
        const int64_t left_ns = until_ns - clock_.monotonic_ns();
        clock_.advance_ms(std::max<int64_t>(1, left_ns / millisecond_ns));
        answer();
    }
    size_t window() const override { return 1 << 20; }
    const std::string& refusal() const override { return broken; }
    std::optional<std::string> fatal() const override {
        if (script_.taken > script_.fatal_from) return broken;
        return std::nullopt;
    }
    std::expected<void, std::string> begin() override { return {}; }
    std::expected<void, std::string> commit() override {
        answer();
        return done(script_.commits || commits_++ == 0);
    }
    std::expected<void, std::string> abort() override {
        return done(script_.aborts);
    }

private:
    static std::expected<void, std::string> done(bool well) {
        if (well) return {};
        return std::unexpected(broken);
    }
    void answer() {
        std::vector<int64_t> tags;
        for (; !waiting_.empty() && next_offset_ < script_.answers_max; ++next_offset_) {
            tags.push_back(waiting_.front());
            waiting_.pop_front();
        }
        if (!tags.empty()) on_delivered_({.tags = tags});
    }

    Script& script_;
    ManualClock& clock_;
    OnDelivered on_delivered_;
    std::deque<int64_t> waiting_;
    int64_t next_offset_ = 0;
    int commits_ = 0;
};

class SenderTest : public testing::Test {
protected:
    SenderTest() {
        workload.phases = {{.duration_s = 0.1, .rate = 100}};
        workload.topics.partitions = 1;
        workload.content.keys.kind = KeyPlan::Kind::none;
        workload.content.values.bytes = 10;
        workload.limits.patience = std::chrono::milliseconds(1000);
    }
    /// Runs a load of ten messages in a tenth of a second; stats and ledger are the sender's.
    Sender& run() {
        const auto make = [this](EngineKind, const EngineOptions&, const Clock&,
                                 Engine::OnDelivered on_delivered)
            -> std::expected<std::unique_ptr<Engine>, std::string> {
            return std::make_unique<ScriptedEngine>(script, clock, std::move(on_delivered));
        };
        tables.emplace(workload.content, 0);
        sender.emplace(workload, *tables,
                       SenderOptions{.engine = {.topics = {"t"},
                                                .transactional =
                                                    workload.producers.transactions.has_value()},
                                     .make = make},
                       clock, stop);
        EXPECT_TRUE(sender->connect());
        script.taken = 0;
        sender->run(clock.monotonic_ns(), 0);
        return *sender;
    }
    const SentLedger::Partition& ledger() { return sender->ledger().partitions()[0]; }
    static uint64_t sum(const std::vector<AckRange>& ranges) {
        uint64_t count = 0;
        for (const AckRange& range : ranges) count += range.count;
        return count;
    }

    Workload workload;
    Script script;
    ManualClock clock;
    std::atomic<bool> stop = false;
    std::optional<ContentTables> tables;
    std::optional<Sender> sender;
};

TEST_F(SenderTest, every_message_is_sent_once_and_acknowledged) {
    const SenderStats stats = run().stats();
    EXPECT_EQ(stats.sent, 10);
    EXPECT_EQ(stats.acknowledged, 10);
    EXPECT_EQ(sum(ledger().acknowledged), 10u);
    EXPECT_EQ(ledger().sent, 10u);
    EXPECT_EQ(stats.response_us.count(), 10);
}

TEST_F(SenderTest, a_client_that_cannot_go_on_leaves_unsent_only_what_was_due) {
    workload.phases[0].duration_s = 3600;
    script.fatal_from = 4;
    const SenderStats stats = run().stats();
    EXPECT_EQ(run().failure(), broken);
    EXPECT_LT(stats.unsent, 10);
    // What nobody ever had to wait for must not flatter the rest.
    EXPECT_EQ(stats.response_us.count(), stats.acknowledged + stats.unsent + stats.unanswered);
}

TEST_F(SenderTest, messages_of_a_transaction_that_cannot_be_committed_failed_and_took_their_time) {
    workload.producers.transactions = TransactionPlan{};
    script.commits = false;
    const SenderStats stats = run().stats();
    EXPECT_EQ(stats.acknowledged, 0);
    EXPECT_EQ(stats.failed, 10);
    EXPECT_EQ(stats.response_us.count(), 10);
    EXPECT_EQ(stats.last_error, broken);
    EXPECT_EQ(sum(ledger().aborted), 10u);
}

TEST_F(SenderTest, messages_of_a_transaction_whose_end_is_unknown_may_be_stored) {
    workload.producers.transactions = TransactionPlan{};
    script.commits = script.aborts = false;
    run();
    EXPECT_EQ(sum(ledger().aborted), 0u);
    EXPECT_GT(sum(ledger().failed), 0u);
}

TEST_F(SenderTest, messages_that_nobody_answers_are_counted_and_not_forgotten) {
    script.answers_max = 1;  // that which opens the connection, before the load
    const SenderStats stats = run().stats();
    EXPECT_EQ(stats.unanswered, 10);
    EXPECT_EQ(stats.response_us.count(), 10);
    EXPECT_GE(stats.response_us.percentile(1), 1'000'000);
}

TEST_F(SenderTest, an_open_transaction_that_is_given_up_is_in_the_books) {
    workload.producers.transactions = TransactionPlan{.every = std::chrono::seconds(10)};
    script.answers_max = 5;
    const SenderStats stats = run().stats();
    EXPECT_EQ(stats.sent, 10);
    EXPECT_EQ(stats.unanswered, 6);
    EXPECT_EQ(stats.failed, 4);
    EXPECT_EQ(sum(ledger().failed), 4u);
}

}  // namespace
}  // namespace stoker::workload
