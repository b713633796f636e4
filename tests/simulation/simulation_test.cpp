// A whole broker in one thread under a virtual clock and a disk in memory: clients, kills, power
// cuts, full disks and jumps of the clock in an order that one number decides. The promises of
// docs/reliability.md are judged by what the clients saw (history.hpp).
//
// STOKER_SEEDS=FIRST:COUNT runs other seeds than the default ones; a failure names its seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "simulation/clients.hpp"

namespace stoker::simulation {
namespace {

constexpr int steps = 600;
constexpr uint64_t default_seeds = 100;

struct Seeds {
    uint64_t first = 1;
    uint64_t count = default_seeds;
};

Seeds seeds() {
    const char* text = std::getenv("STOKER_SEEDS");
    if (text == nullptr) return {};
    char* rest = nullptr;
    Seeds seeds{.first = std::strtoull(text, &rest, 10), .count = 1};
    if (*rest == ':') seeds.count = std::strtoull(rest + 1, nullptr, 10);
    return seeds;
}

/// What an ack promises: to survive the end of the process, or of the machine's power.
enum class Promise { survives_kill, survives_power_cut };

class Simulation {
public:
    Simulation(Promise promise, uint64_t seed)
        : promise_(promise), random_(seed), broker_(properties(promise), seed) {
        create("alpha", {});
        // Small segments, so that rolling, indexes and retention's bookkeeping have a part in it.
        create("beta", {{"segment.bytes", "4096"}, {"index.interval.bytes", "512"}});
        const World world{broker_, history_, random_, places_};
        for (const char* name : {"p0", "p1", "p2"}) producers_.emplace_back(world, name);
        for (int i = 0; i < 2; ++i) readers_.emplace_back(world);
        for (const char* group : {"g0", "g1"}) committers_.emplace_back(world, group);
    }

    std::vector<std::string> run() {
        for (int step = 0; step < steps && history_.complaints().empty(); ++step) {
            for (auto& client : producers_) client.step();
            for (auto& client : readers_) client.step();
            for (auto& client : committers_) client.step();
            if (random_.below(2) == 0) (void)broker_.logs().do_work();
            disturb();
        }
        settle();
        for (const Place& place : places_) history_.judge(place, whole_log(broker_, place));
        return history_.complaints();
    }

    size_t acknowledged() const { return history_.acknowledged_count(); }

private:
    static broker::ConfigMap properties(Promise promise) {
        if (promise == Promise::survives_kill) return {};
        return {{"log.flush.interval.messages", "1"}};
    }

    void create(const std::string& topic, broker::ConfigMap configs) {
        constexpr int32_t partitions = 2;
        ASSERT_TRUE(broker_.broker().metadata().create_topic(
            {.name = topic, .partitions = partitions, .configs = std::move(configs)}));
        for (int32_t i = 0; i < partitions; ++i) places_.push_back({topic, i});
    }

    void disturb() {
        switch (random_.below(60)) {
            case 0:
                return kill();
            case 1:
                return promise_ == Promise::survives_power_cut ? cut_power() : kill();
            case 2:
                return stop();
            case 3:
                return fill_disk();
            case 4:
                return free_disk();
            case 5:
                return pass_time(int64_t(random_.below(5 * 60'000)));
            case 6:
                return broker_.clock().jump_wall_ms(int64_t(random_.below(7'200'000)) - 3'600'000);
            default:
                return pass_time(int64_t(random_.below(200)));
        }
    }

    void pass_time(int64_t ms) {
        broker_.clock().advance_ms(ms);
        broker_.broker().tick();
        broker_.logs().tick();
    }

    void fill_disk() {
        const auto room = int64_t(random_.below(3 * 4096));
        broker_.disk().set_capacity(broker_.disk().used_bytes() + room);
    }
    void free_disk() { broker_.disk().set_capacity(storage::MemoryDisk::default_capacity); }

    // A start on a full disk is refused, so each of these makes room first.

    void kill() {
        free_disk();
        const std::string before = state_of(broker_, places_);
        connections_end();
        broker_.kill_and_restart();
        // state(replay(log)) == live state; in class disk some of it may not have been told yet.
        if (promise_ == Promise::survives_kill && state_of(broker_, places_) != before)
            history_.complain("after kill -9 the broker tells\n" + state_of(broker_, places_) +
                              "where it told\n" + before);
    }
    void cut_power() {
        free_disk();
        connections_end();
        broker_.power_cut(random_.below(2) == 0 ? storage::Loss::drop_all_unsynced
                                                : storage::Loss::random_subset);
    }
    void stop() {
        free_disk();
        connections_end();
        broker_.stop_and_restart();
    }

    void connections_end() {
        for (auto& client : producers_) client.connection_lost();
        for (auto& client : committers_) client.connection_lost();
    }

    /// No more faults: what is in flight arrives, and every record can be read.
    void settle() {
        free_disk();
        constexpr int rounds_max = 2'000;
        for (int round = 0; round < rounds_max && !idle(); ++round) {
            for (auto& client : producers_) client.settle();
            while (broker_.logs().do_work()) {
            }
            pass_time(10);
        }
        if (!idle()) history_.complain("a producer never got its answers");
    }
    bool idle() const { return std::ranges::all_of(producers_, &Producer::idle); }

    Promise promise_;
    Random random_;
    broker::TestBroker broker_;
    History history_;
    std::vector<Place> places_;
    std::vector<Producer> producers_;
    std::vector<Reader> readers_;
    std::vector<Committer> committers_;
};

void simulate(Promise promise) {
    const Seeds chosen = seeds();
    size_t acknowledged = 0;
    for (uint64_t seed = chosen.first; seed < chosen.first + chosen.count; ++seed) {
        Simulation simulation(promise, seed);
        std::string complaints;
        for (const std::string& complaint : simulation.run()) complaints += "\n  " + complaint;
        ASSERT_EQ(complaints, "") << "with STOKER_SEEDS=" << seed;
        acknowledged += simulation.acknowledged();
    }
    // A simulation in which nothing happens would hold every promise.
    EXPECT_GT(acknowledged, chosen.count * steps / 2);
}

TEST(Simulation, nothing_that_was_acknowledged_is_lost_doubled_or_reordered_by_kills) {
    simulate(Promise::survives_kill);
}

TEST(Simulation, in_class_disk_not_even_by_power_cuts) {
    simulate(Promise::survives_power_cut);
}

}  // namespace
}  // namespace stoker::simulation
