// state(replay(log)) == live state for groups of both protocols and on the way between them, after
// any history; and partitions that do not move never pause.
#include "broker/group/consumer/consumer_fixture.hpp"
#include "protocol/messages/subscription.hpp"
#include "protocol/record_frame.hpp"

namespace stoker::broker {
namespace {

/// Members of both protocols that do anything at any time.
class RandomMembers {
public:
    RandomMembers(GroupHarness& broker, uint64_t seed) : broker_(broker), random_(seed) {
        change_topics();
    }

    void act() {
        switch (random_.below(16)) {
            case 0:
            case 1: return join();
            case 2:
            case 3:
            case 4:
            case 5: return beat();
            case 6: return leave();
            case 7: return subscribe();
            case 8: return join_static();
            case 9: return commit();
            case 10: return random_.below(4) == 0 ? change_topics() : beat();
            case 11: return broker_.pass_ms(static_cast<int64_t>(random_.below(8'000)));
            case 12: return join_classic();
            case 13: return heartbeat_classic();
            case 14: return sync_classic();
            default: return rare();
        }
    }
    size_t seen_reconciling = 0;
    size_t seen_classic_members = 0;

private:
    std::string group() { return "g" + std::to_string(random_.below(3)); }
    std::string topic() { return "t" + std::to_string(random_.below(5)); }

    void change_topics() {
        std::vector<std::pair<std::string, int32_t>> topics;
        for (int t = 0; t < 5; ++t) {
            if (random_.below(5) == 0) continue;
            const auto partitions = 1 + static_cast<int32_t>(random_.below(6));
            topics.emplace_back("t" + std::to_string(t), partitions);
        }
        broker_.image = topics_of(++version_, topics);
    }
    Consumer consumer(const std::string& name) {
        Consumer member(broker_, name, "m" + std::to_string(++ids_), {topic(), topic()});
        if (random_.below(3) == 0) {
            member.regex = std::array{"t[0-2]", "t.*", "[", "nothing"}[random_.below(4)];
        }
        if (random_.below(4) == 0) member.assignor = "range";
        return member;
    }
    void keep(Consumer member) {
        if (member.join().error_code != ErrorCode::none) return;
        members_.push_back(std::move(member));
        if (members_.size() > 20) members_.erase(members_.begin(), members_.begin() + 5);
    }
    void join() { keep(consumer(group())); }
    void join_static() {
        Consumer member = consumer(group());
        member.instance_id = "i" + std::to_string(random_.below(3));
        keep(std::move(member));
    }
    void beat() {
        if (members_.empty()) return;
        members_[random_.below(members_.size())].beat();
        if (describe(broker_, group()).group_state == "Reconciling") ++seen_reconciling;
    }
    void leave() {
        if (members_.empty()) return;
        Consumer& member = members_[random_.below(members_.size())];
        member.leave(random_.below(2) == 0 ? left_epoch : left_for_a_while_epoch);
    }
    void subscribe() {
        if (members_.empty()) return;
        members_[random_.below(members_.size())].subscribe({topic()});
    }
    void commit() {
        const Member who = members_.empty() ? Member{.id = "", .generation = -1}
                                            : Member{members_[0].id, members_[0].epoch};
        broker_.commit(group(), {.member = who, .topic = topic()});
    }
    void join_classic() {
        JoinOptions how{.protocols = {{"range", subscription({topic()})}}, .version = 9};
        if (random_.below(3) == 0) how.instance_id = "i" + std::to_string(random_.below(3));
        const bool is_known = !classics_.empty() && random_.below(2) == 0;
        std::string name = group();
        if (is_known) std::tie(name, how.member_id) = classic();
        const auto answer = broker_.join_twice(name, how);
        if (!*answer || (*answer)->error_code != ErrorCode::none) return;
        classics_[{name, (*answer)->member_id}] = (*answer)->generation_id;
        for (const auto& member : describe(broker_, name).members) {
            if (member.member_type == 0) ++seen_classic_members;
        }
    }
    std::pair<std::string, std::string> classic() {
        auto found = classics_.begin();
        std::advance(found, random_.below(classics_.size()));
        return found->first;
    }
    void heartbeat_classic() {
        if (classics_.empty()) return;
        const auto who = classic();
        broker_.heartbeat(who.first, {who.second, classics_[who]});
    }
    void sync_classic() {
        if (classics_.empty()) return;
        const auto who = classic();
        broker_.sync(who.first, {who.second, classics_[who]}, {{who.second, assignment()}});
        if (random_.below(6) == 0) broker_.leave(who.first, {{.member_id = who.second}});
    }
    Bytes assignment() {
        return protocol::encode_value(
            protocol::ConsumerProtocolAssignment{
                .assigned_partitions = {{.topic = topic(), .partitions = {PartitionId{0}}}}},
            0);
    }
    void rare() {
        switch (random_.below(6)) {
            case 0: return void(broker_.delete_group(group()));
            case 1: return broker_.pass_ms(120'000, 1'000);
            case 2: return broker_.clock.jump_wall_ms(-3'600'000);
            default: return beat();
        }
    }

    GroupHarness& broker_;
    Random random_;
    int64_t version_ = 0;
    int ids_ = 0;
    std::vector<Consumer> members_;
    std::map<std::pair<std::string, std::string>, int32_t> classics_;
};

/// The last record of every key, as compaction leaves them.
std::vector<StoredRecord> compacted(const std::vector<StoredRecord>& log) {
    std::map<Bytes, size_t> last;
    for (size_t i = 0; i < log.size(); ++i) last[log[i].record.key] = i;
    std::vector<StoredRecord> kept;
    for (size_t i = 0; i < log.size(); ++i) {
        if (last[log[i].record.key] == i) kept.push_back(log[i]);
    }
    return kept;
}

class RandomConsumerHistory : public testing::TestWithParam<uint64_t> {};

TEST_P(RandomConsumerHistory, the_replayed_state_equals_the_live_one_at_every_restart) {
    GroupHarness live;
    RandomMembers members(live, GetParam());
    for (int step = 0; step < 4'000; ++step) {
        members.act();
        if (step % 100 != 99) continue;
        GroupHarness restarted;
        restarted.image = live.image;
        restarted.replay(live.log);
        ASSERT_EQ(restarted.coordinator.dump(), live.coordinator.dump())
            << "seed " << GetParam() << " step " << step;
        for (const auto& listed : live.list({.types_filter = {"consumer"}})) {
            ASSERT_EQ(describe(restarted, listed.group_id), describe(live, listed.group_id));
        }
        GroupHarness after_compaction;
        after_compaction.replay(compacted(live.log));
        ASSERT_EQ(after_compaction.coordinator.dump(), live.coordinator.dump())
            << "seed " << GetParam() << " step " << step;
    }
    EXPECT_GT(members.seen_reconciling, 10u) << "seed " << GetParam();
    EXPECT_GT(members.seen_classic_members, 10u) << "seed " << GetParam();
}

TEST_P(RandomConsumerHistory, what_could_not_be_appended_is_neither_in_the_log_nor_in_the_state) {
    GroupHarness live;
    RandomMembers members(live, GetParam());
    Random random(GetParam() + 1'000);
    for (int step = 0; step < 3'000; ++step) {
        live.append_error =
            random.below(4) == 0 ? ErrorCode::kafka_storage_error : ErrorCode::none;
        members.act();
        if (step % 100 != 99) continue;
        GroupHarness restarted;
        restarted.replay(live.log);
        ASSERT_EQ(restarted.coordinator.dump(), live.coordinator.dump())
            << "seed " << GetParam() << " step " << step;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomConsumerHistory, testing::Range<uint64_t>(1, 9));

TEST(ConsumerReplay, members_go_on_after_a_restart_and_have_a_full_session) {
    GroupHarness before;
    before.image = topics_of(1, {{"orders", 4}});
    Consumer a(before, "g", "a");
    a.join();
    GroupHarness after;
    after.image = before.image;
    after.replay(before.log);
    after.pass_ms(44'000);
    HeartbeatRequest request{.group_id = "g", .member_id = "a", .member_epoch = a.epoch};
    EXPECT_EQ(heartbeat(after, request).error_code, ErrorCode::none);
    after.pass_ms(46'000);
    EXPECT_EQ(heartbeat(after, request).error_code, ErrorCode::unknown_member_id);
}

TEST(ConsumerReplay, damaged_records_are_refused_and_change_nothing) {
    GroupHarness live;
    live.image = topics_of(1, {{"orders", 2}});
    Consumer a(live, "g", "a");
    a.regex = "o.*";
    a.join();
    for (const auto& [partition, record, origin, commits] : live.log) {
        GroupHarness broker;
        for (size_t size = 0; size < record.value->size(); ++size) {
            EXPECT_NE(broker.coordinator.apply(record.key, ByteView(*record.value).first(size)),
                      ErrorCode::none);
        }
        EXPECT_TRUE(broker.list().empty());
    }
}

/// Lets everybody send a heartbeat in turn and looks after each one that nothing is read by two
/// and that what does not move is read all the time.
void rebalance_and_watch(GroupHarness& broker, std::vector<Consumer*> members,
                         const std::vector<Assignment>& before, size_t moves_max) {
    const auto readers_of = [&](const Uuid& topic, PartitionId partition) {
        int readers = 0;
        for (const Consumer* member : members) readers += has(member->owned, topic, partition);
        return readers;
    };
    std::set<std::pair<Uuid, PartitionId>> paused;
    for (int round = 0; round < 8; ++round) {
        for (Consumer* member : members) {
            member->beat();
            for (const auto& owned : before) {
                for (const auto& [topic, partitions] : owned) {
                    for (const PartitionId each : partitions) {
                        const int readers = readers_of(topic, each);
                        ASSERT_LE(readers, 1);
                        if (readers == 0) paused.emplace(topic, each);
                    }
                }
            }
        }
    }
    EXPECT_EQ(describe(broker, "g").group_state, "Stable");
    EXPECT_LE(paused.size(), moves_max);
    for (size_t i = 0; i < before.size(); ++i) {
        for (const auto& [topic, partitions] : before[i]) {
            for (const PartitionId each : partitions) {
                const bool stayed = has(members[i]->owned, topic, each);
                EXPECT_TRUE(stayed || paused.contains({topic, each}));
                EXPECT_FALSE(stayed && paused.contains({topic, each}));
            }
        }
    }
}

TEST(ConsumerRebalance, partitions_that_do_not_move_never_pause) {
    GroupHarness broker;
    broker.image = topics_of(1, {{"orders", 24}, {"bills", 12}});
    std::vector<Consumer> members;
    for (int i = 0; i < 4; ++i) {
        members.emplace_back(broker, "g", "m" + std::to_string(i),
                             std::vector<std::string>{"orders", "bills"});
    }
    std::vector<Consumer*> present;
    for (size_t i = 0; i < 3; ++i) {
        members[i].join();
        present.push_back(&members[i]);
    }
    settle(broker, "g", present);
    std::vector<Assignment> before;
    for (const Consumer* member : present) before.push_back(member->owned);
    members[3].join();
    present.push_back(&members[3]);
    // 36 partitions among four: nine of them have to move, and not one more.
    rebalance_and_watch(broker, present, before, 9);
    EXPECT_EQ(size_of(members[3].owned), 9u);
}

}  // namespace
}  // namespace stoker::broker
