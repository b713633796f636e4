// Many threads at once: nothing is lost, and the log still says what the state is.
#include "broker/group/group_fixture.hpp"

#include <atomic>
#include <mutex>
#include <thread>

namespace stoker::broker {
namespace {

TEST(GroupThreads, requests_of_many_threads_leave_a_log_that_replays_to_the_live_state) {
    ManualClock clock;
    Random random{7};
    std::mutex mutex;
    std::vector<StoredRecord> log;
    GroupCoordinator coordinator(
        clock, random, {},
        {.append = [&](PartitionId partition, std::span<const OffsetsRecord> records,
                       const OffsetsProducer&) -> Result<Offset> {
            const std::lock_guard lock(mutex);
            const Offset base{int64_t(log.size())};
            for (const auto& record : records) {
                log.push_back({partition, record, {Offset{int64_t(log.size())}}});
            }
            return base;
        }});
    coordinator.on_loaded();
    std::atomic<int> answers = 0;
    const auto work = [&](int thread) {
        for (int i = 0; i < 300; ++i) {
            const std::string own = "own-" + std::to_string(thread) + "-" + std::to_string(i % 7);
            const std::string group = i % 2 == 0 ? own : "shared";
            coordinator.commit_offsets(
                {.request = {.group_id = group,
                             .topics = {{.name = "t",
                                         .partitions = {{.partition_index = PartitionId{thread},
                                                         .committed_offset = Offset{i}}}}}},
                 .version = 9},
                [&](const protocol::OffsetCommitResponse&) { ++answers; });
            coordinator.join({.request = {.group_id = group,
                                          .session_timeout_ms = 6'000,
                                          .rebalance_timeout_ms = 100,
                                          .protocol_type = "consumer",
                                          .protocols = {{"range", subscription({"t"})}}},
                              .version = 3,
                              .client = {.id = "app", .host = "/127.0.0.1"}},
                             [&, group](const protocol::JoinGroupResponse& joined) {
                                 if (joined.error_code != ErrorCode::none) return;
                                 // A reply may call the coordinator again.
                                 coordinator.sync({.request = {.group_id = group,
                                                               .generation_id =
                                                                   joined.generation_id,
                                                               .member_id = joined.member_id},
                                                   .version = 3},
                                                  [](const protocol::SyncGroupResponse&) {});
                             });
            clock.advance_ms(10);
            coordinator.tick();
            if (i % 50 == 0) coordinator.list_groups({}, [](const auto&) {});
        }
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(work, i);
    threads.clear();
    EXPECT_EQ(answers, 4 * 300);
    GroupHarness replayed;
    replayed.replay(log);
    EXPECT_EQ(replayed.coordinator.dump(), coordinator.dump());
}

}  // namespace
}  // namespace stoker::broker
