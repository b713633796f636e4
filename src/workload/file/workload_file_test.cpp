// What a workload file may say, and what is said about one that may not.
#include <gtest/gtest.h>

#include "base/test_folder.hpp"
#include "workload/file/workload_file.hpp"

namespace stoker::workload {
namespace {

constexpr std::string_view least = "load: [{shape: constant, rate: 10, for: 1s}]\n";

std::string complaint(const std::string& text) {
    const auto workload = parse_workload(text, "f.yml");
    return workload ? "accepted" : workload.error();
}
std::string complaint_with(const std::string& more) {
    return complaint(std::string(least) + more);
}
void expect_in(const std::string& text, std::string_view part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(WorkloadFile, a_load_is_all_that_is_needed) {
    const auto workload = parse_workload(least, "f.yml");
    ASSERT_TRUE(workload) << workload.error();
    EXPECT_EQ(workload->duration_s(), 1);
    EXPECT_EQ(workload->producers.acks, "all");
    EXPECT_TRUE(workload->producers.idempotent);
    ASSERT_EQ(workload->groups.size(), 1u);
    EXPECT_EQ(workload->groups[0].consumers, 1);
}

TEST(WorkloadFile, every_preset_is_one) {
    for (const Preset& preset : presets()) {
        const auto workload = preset_workload(preset.name);
        ASSERT_TRUE(workload) << workload.error();
        EXPECT_EQ(workload->name, preset.name);
        EXPECT_FALSE(workload->description.empty());
    }
}

TEST(WorkloadFile, everything_that_can_be_said_is_understood) {
    const auto workload = parse_workload(R"(
name: all
engine: raw
load:
  - {shape: steps, rates: [1, 2, 3], each: 500ms}
  - {shape: ramp, from: 1, to: 5, for: 1s, arrivals: poisson}
  - {shape: sine, rate: 5, amplitude: 5, period: 2s, for: 4s}
  - {shape: bursts, burst: 100, burst_for: 100ms, every: 1s, for: 3s}
  - {shape: poisson, rate: 7, for: 1m}
  - {shape: max, for: 1.5s}
topics: {prefix: p, count: 2, partitions: 4, replication_factor: 1, configs: {a: b}, keep: true}
producers:
  count: 2
  transactions: {every: 50ms, aborts: 0.1}
  settings: {linger.ms: 3}
keys: {distribution: hot_set, count: 100, hot_keys: 3, hot_share: 0.5}
values: {distribution: lognormal, size: 1KiB, sigma: 0.7, max: 1MB, tombstones: 0.1}
headers: {h: v}
groups:
  - {consumers: 2, start: after_load, isolation: read_committed}
  - {start: 10s, slow: {consumers: 1, delay: 5ms}, churn: {every: 2s, how: crash}}
limits: {slip_p99: 1ms, catch_up: 2s, patience: 3s}
)",
                                         "f.yml");
    ASSERT_TRUE(workload) << workload.error();
    ASSERT_EQ(workload->phases.size(), 8u);
    EXPECT_EQ(workload->phases[2].rate, 3);
    EXPECT_TRUE(workload->phases[3].poisson);
    EXPECT_EQ(workload->phases[7].shape, Shape::max);
    EXPECT_EQ(workload->partitions(), 8u);
    EXPECT_EQ(workload->producers.transactions->every.count(), 50);
    EXPECT_EQ(workload->content.values.bytes, 1024);
    EXPECT_TRUE(workload->groups[0].after_load);
    EXPECT_TRUE(workload->groups[0].read_committed);
    EXPECT_EQ(workload->groups[1].slow_delay.count(), 5000);
    EXPECT_TRUE(workload->groups[1].churn_crashes);
    EXPECT_EQ(workload->limits.slip_p99.count(), 1000);
}

TEST(WorkloadFile, an_unknown_key_is_shown_with_its_place_and_with_those_that_are_known) {
    const std::string why = complaint_with("keys: {distribution: zipf, cuont: 3}\n");
    expect_in(why, "f.yml:2:28: keys: there is no 'cuont'; allowed are distribution, count");
}

TEST(WorkloadFile, a_value_of_no_such_kind_is_shown_with_what_is_allowed) {
    expect_in(complaint_with("keys: {distribution: zipv}\n"),
              "f.yml:2:22: distribution 'zipv': allowed are none, uniform, zipf");
    expect_in(complaint("load: [{shape: constant, rate: ten, for: 1s}]\n"),
              "f.yml:1:32: rate is 'ten': give a number from");
    expect_in(complaint("load: [{shape: constant, rate: 10, for: 10}]\n"),
              "f.yml:1:41: for '10': give a time with its unit");
    expect_in(complaint_with("values: {size: 1GB}\n"), "give a size from 0 to");
    expect_in(complaint_with("topics: {partitions: 0}\n"), "from 1 to 100000");
}

TEST(WorkloadFile, what_is_missing_is_named) {
    expect_in(complaint("name: x\n"), "load is missing");
    expect_in(complaint("load: [{shape: constant, for: 1s}]\n"),
              "f.yml:1:8: load: rate is missing");
    expect_in(complaint("load: []\n"), "give a list of phases");
}

TEST(WorkloadFile, what_does_not_go_together_is_refused) {
    expect_in(complaint_with("producers: {acks: 1, idempotent: true}\n"), "needs acks: all");
    expect_in(complaint_with("producers: {acks: 0, transactions: {}}\n"), "idempotent");
    expect_in(complaint_with("engine: librdkafka\nproducers: {transactions: {}}\n"), "use raw");
    expect_in(complaint_with("keys: {distribution: none}\nvalues: {tombstones: 0.5}\n"), "keys");
    expect_in(complaint("load: [{shape: sine, rate: 1, amplitude: 2, period: 1s, for: 1s}]\n"),
              "amplitude is at most the rate");
}

TEST(WorkloadFile, what_is_no_yaml_is_shown_with_its_place) {
    expect_in(complaint("load: [\n"), "f.yml:2:1: no YAML");
    expect_in(complaint_with("name: a\nname: b\n"),
              "f.yml:3:1: the workload: name stands here twice");
    EXPECT_NE(complaint(""), "accepted");
    EXPECT_NE(complaint("- 1\n"), "accepted");
}

TEST(WorkloadFile, a_replay_reads_its_times_from_a_file_beside_it) {
    const TestFolder folder;
    folder.write("times.csv", "# seconds\n10.0,x\n10.5\n12\n");
    const std::string path =
        folder.write("f.yml", "load: [{shape: replay, file: times.csv, speed: 2}]\n");
    const auto workload = read_workload(path);
    ASSERT_TRUE(workload) << workload.error();
    EXPECT_EQ(workload->phases[0].times_s, (std::vector<double>{0, 0.25, 1}));
    folder.write("times.csv", "2\n1\n");
    const auto falling = read_workload(path);
    ASSERT_FALSE(falling);
    expect_in(falling.error(), "times.csv:2: give a time in seconds");
}

TEST(WorkloadFile, a_duration_stretches_the_phases_in_proportion) {
    auto workload = preset_workload("black-friday");
    ASSERT_TRUE(workload);
    const double first = workload->phases[0].duration_s;
    const double whole = workload->duration_s();
    stretch(*workload, 12);
    EXPECT_NEAR(workload->duration_s(), 12, 1e-9);
    EXPECT_NEAR(workload->phases[0].duration_s, first * 12 / whole, 1e-9);
}

TEST(WorkloadFile, a_duration_stretches_a_replay_s_times_too) {
    Workload workload;
    workload.phases = {{.shape = Shape::replay, .duration_s = 2, .times_s = {0, 1, 1.5}}};
    stretch(workload, 4);
    EXPECT_EQ(workload.phases[0].times_s, (std::vector<double>{0, 2, 3}));
}

TEST(WorkloadFile, more_accounts_than_memory_holds_are_refused) {
    const std::string many = R"(
load: [{shape: constant, rate: 1, for: 1s}]
topics: {count: 10, partitions: 5000}
producers: {count: 101}
)";
    const auto workload = parse_workload(many, "f");
    ASSERT_FALSE(workload);
    expect_in(workload.error(), "are 10100000: at most 10000000");
}

}  // namespace
}  // namespace stoker::workload
