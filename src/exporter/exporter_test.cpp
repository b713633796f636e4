#include <gtest/gtest.h>

#include "exporter/collector.hpp"
#include "exporter/exposition.hpp"

namespace stoker::exporter {
namespace {

TEST(OffsetTimes, a_record_is_as_old_as_the_points_around_it_say) {
    OffsetTimes times;
    times.add(10'000, 100);
    times.add(20'000, 200);
    times.add(30'000, 200);
    times.add(40'000, 400);
    EXPECT_EQ(times.lag_seconds(400, 50'000), 0.0) << "nothing is left to read";
    EXPECT_EQ(times.lag_seconds(150, 50'000), 35.0) << "written at 15 s";
    EXPECT_EQ(times.lag_seconds(300, 50'000), 15.0) << "written at 35 s, after the pause";
    EXPECT_EQ(times.lag_seconds(200, 50'000), 20.0) << "not before the pause was over";
}

TEST(OffsetTimes, what_was_there_before_the_first_look_is_guessed_from_the_pace) {
    OffsetTimes times;
    EXPECT_EQ(times.lag_seconds(0, 1000), std::nullopt);
    times.add(10'000, 100);
    EXPECT_EQ(times.lag_seconds(50, 10'000), std::nullopt) << "there is no pace yet";
    times.add(20'000, 200);
    EXPECT_EQ(times.lag_seconds(0, 20'000), 20.0);
}

TEST(OffsetTimes, a_log_that_ends_earlier_is_another_one) {
    OffsetTimes times;
    times.add(10'000, 100);
    times.add(20'000, 200);
    times.add(30'000, 5);
    EXPECT_EQ(times.lag_seconds(2, 30'000), std::nullopt);
    EXPECT_EQ(times.lag_seconds(5, 30'000), 0.0);
}

TEST(OffsetTimes, long_pauses_take_two_points_and_the_oldest_go) {
    OffsetTimes times;
    times.add(0, 0);
    for (int i = 1; i <= 1000; ++i) times.add(i * 1000, 10);
    times.add(1'001'000, 20);
    EXPECT_EQ(times.lag_seconds(5, 1'001'000), 1000.5) << "the first point is still known";
    for (int i = 1; i < 100; ++i) times.add(1'001'000 + i * 1000, 20 + i);
    EXPECT_NEAR(*times.lag_seconds(0, 1'100'000), 119, 1) << "a guess from the last minute's pace";
}

Snapshot snapshot() {
    Snapshot snapshot{.cluster_id = "c"};
    snapshot.brokers = {{.id = 1, .address = "host:9092"}};
    PartitionState full{.leader = 1, .replicas = {1, 2}, .in_sync = {1}};
    full.earliest = 5;
    full.latest = 30;
    PartitionState mute{.leader = -1, .replicas = {2}, .in_sync = {}};
    snapshot.topics["t"] = {full, mute};
    Group& group = snapshot.groups["g"];
    group.members = 1;
    group.committed = {{{"t", 0}, 10}, {{"t", 1}, 3}};
    group.owners = {{{"t", 0}, {.host = "/h", .consumer_id = "m", .client_id = "c1"}},
                    {{"u", 0}, {.host = "/h", .consumer_id = "m", .client_id = "c1"}}};
    PartitionState fresh{.leader = 1, .replicas = {1}, .in_sync = {1}};
    fresh.latest = 7;
    snapshot.topics["u"] = {fresh};
    return snapshot;
}

TEST(Exposition, offsets_and_lag_are_told_as_kafka_exporter_does) {
    const std::string text = exposition(snapshot(), {}, "main", 0);
    for (const char* line :
         {"kafka_brokers 1\n", "kafka_broker_info{id=\"1\",address=\"host:9092\"} 1\n",
          "kafka_topic_partitions{topic=\"t\"} 2\n",
          "kafka_topic_partition_current_offset{topic=\"t\",partition=\"0\"} 30\n",
          "kafka_topic_partition_oldest_offset{topic=\"t\",partition=\"0\"} 5\n",
          "kafka_topic_partition_leader{topic=\"t\",partition=\"1\"} -1\n",
          "kafka_topic_partition_in_sync_replica{topic=\"t\",partition=\"0\"} 1\n",
          "kafka_topic_partition_under_replicated_partition{topic=\"t\",partition=\"0\"} 1\n",
          "kafka_topic_partition_leader_is_preferred{topic=\"t\",partition=\"1\"} 0\n",
          "kafka_consumergroup_current_offset{consumergroup=\"g\",topic=\"t\","
          "partition=\"0\"} 10\n",
          "kafka_consumergroup_lag{consumergroup=\"g\",topic=\"t\",partition=\"0\"} 20\n",
          "kafka_consumergroup_lag{consumergroup=\"g\",topic=\"t\",partition=\"1\"} -1\n",
          "kafka_consumergroup_current_offset{consumergroup=\"g\",topic=\"u\","
          "partition=\"0\"} -1\n",
          "kafka_consumergroup_lag{consumergroup=\"g\",topic=\"u\",partition=\"0\"} -1\n",
          "kafka_consumergroup_lag_sum{consumergroup=\"g\",topic=\"t\"} 20\n",
          "kafka_consumergroup_members{consumergroup=\"g\"} 1\n"})
        EXPECT_NE(text.find('\n' + std::string(line)), std::string::npos) << line << text;
    EXPECT_EQ(text.find("current_offset{topic=\"t\",partition=\"1\"}"), std::string::npos)
        << "nobody knows where a partition without a leader ends";
}

TEST(Exposition, and_as_kafka_lag_exporter_does_with_seconds) {
    TimesOfPartitions times;
    times[{"t", 0}].add(0, 10);
    note_ends(snapshot(), 20'000, times);
    const std::string text = exposition(snapshot(), times, "main", 25'000);
    for (const char* line :
         {"kafka_partition_latest_offset{cluster_name=\"main\",topic=\"t\",partition=\"0\"} 30\n",
          "kafka_consumergroup_group_lag_seconds{cluster_name=\"main\",group=\"g\",topic=\"t\","
          "partition=\"0\",member_host=\"/h\",consumer_id=\"m\",client_id=\"c1\"} 25\n",
          "kafka_consumergroup_group_lag{cluster_name=\"main\",group=\"g\",topic=\"t\","
          "partition=\"1\",member_host=\"\",consumer_id=\"\",client_id=\"\"} NaN\n",
          "kafka_consumergroup_group_max_lag{cluster_name=\"main\",group=\"g\","
          "is_simple_consumer=\"false\"} 20\n",
          "kafka_consumergroup_group_max_lag_seconds{cluster_name=\"main\",group=\"g\","
          "is_simple_consumer=\"false\"} 25\n",
          "kafka_consumergroup_group_sum_lag{cluster_name=\"main\",group=\"g\"} 20\n"})
        EXPECT_NE(text.find('\n' + std::string(line)), std::string::npos) << line << text;
}

TEST(Exposition, lag_is_never_negative) {
    Snapshot made_anew = snapshot();
    made_anew.topics["t"][0].latest = 4;
    const std::string text = exposition(made_anew, {}, "main", 0);
    constexpr const char* lag =
        "kafka_consumergroup_lag{consumergroup=\"g\",topic=\"t\",partition=\"0\"} 0\n";
    EXPECT_NE(text.find(lag), std::string::npos);
}

TEST(NameFilter, whole_names_count_and_bad_expressions_are_told) {
    const auto filter = NameFilter::create("a.*", "ab");
    ASSERT_TRUE(filter);
    EXPECT_TRUE(filter->shows("a") && filter->shows("abc"));
    EXPECT_FALSE(filter->shows("ab") || filter->shows("ba"));
    EXPECT_FALSE(NameFilter::create("(", "^$"));
}

}  // namespace
}  // namespace stoker::exporter
