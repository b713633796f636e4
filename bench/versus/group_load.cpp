#include "bench/versus/group_load.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "base/clock.hpp"
#include "bench/wire/servers.hpp"
#include "client/config.hpp"
#include "client/consumer.hpp"

namespace stoker::bench {
namespace {

constexpr std::chrono::seconds share_max(30);
constexpr std::chrono::milliseconds poll_time(50);
/// In which a member finds its coordinator and connects to it; librdkafka does not say when.
constexpr std::chrono::milliseconds coordinator_time(700);

/// A consumer on a thread of its own that counts the partitions it has.
class Member {
public:
    Member(const GroupLoad& load, const std::string& group) {
        auto config = client::connection_config("127.0.0.1:" + std::to_string(load.port), {});
        config.insert(config.end(),
                      {{"group.id", group},
                       {"heartbeat.interval.ms", std::to_string(load.heartbeat_ms)},
                       // librdkafka looks whether a heartbeat is due when its main thread wakes,
                       // which nothing else makes it do this often.
                       {"statistics.interval.ms", std::to_string(load.heartbeat_ms / 4)},
                       {"session.timeout.ms", "10000"},
                       {"partition.assignment.strategy", "range"},
                       {"enable.auto.commit", "false"},
                       {"auto.offset.reset", "latest"},
                       {"socket.nagle.disable", "true"},
                       {"broker.address.family", "v4"}});
        client::Consumer::Events events;
        events.on_assignment = [this](bool came, const auto& partitions) {
            const auto count = static_cast<int32_t>(partitions.size());
            changed_ns_ = clock_.monotonic_ns();
            partitions_ = came ? partitions_ + count : 0;
        };
        auto made = client::Consumer::create(std::move(config), std::move(events));
        if (!made) throw std::runtime_error(made.error().text);
        consumer_ = std::move(*made);
        if (const auto up = consumer_->connect(share_max, [] { return false; }); !up) {
            throw std::runtime_error(up.error().text);
        }
    }

    void subscribe(const std::string& topic) {
        if (const auto done = consumer_->subscribe({topic}); !done) {
            throw std::runtime_error(done.error().text);
        }
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) consumer_->poll(poll_time);
        });
    }

    int32_t partitions() const { return partitions_; }
    /// When that was last another number (monotonic).
    int64_t changed_ns() const { return changed_ns_; }

private:
    const SystemClock clock_;
    std::atomic<int32_t> partitions_ = 0;
    std::atomic<int64_t> changed_ns_ = 0;
    std::unique_ptr<client::Consumer> consumer_;
    std::jthread thread_;  // ends before consumer_, which then leaves the group
};

template <class Condition>
void await(const Condition& condition) {
    const auto deadline = std::chrono::steady_clock::now() + share_max;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the group did not share its partitions within half a minute");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

double join_once(const GroupLoad& load, const std::string& group, const Member& first) {
    Member second(load, group);
    std::this_thread::sleep_for(coordinator_time);
    const int64_t begin_ns = SystemClock().monotonic_ns();
    second.subscribe(load.topic);
    const int32_t half = load.partitions / 2;
    await([&] { return first.partitions() == half && second.partitions() == half; });
    const int64_t end_ns = std::max(first.changed_ns(), second.changed_ns());
    return static_cast<double>(end_ns - begin_ns) / 1e6;
}

}  // namespace

std::vector<double> run(const GroupLoad& load) {
    const std::string group = new_topic();
    Member first(load, group);
    first.subscribe(load.topic);
    std::vector<double> times_ms;
    for (int i = 0; i < load.joins; ++i) {
        await([&] { return first.partitions() == load.partitions; });
        times_ms.push_back(join_once(load, group, first));
    }
    return times_ms;
}

}  // namespace stoker::bench
