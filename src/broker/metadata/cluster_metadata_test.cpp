#include <gtest/gtest.h>

#include "broker/test_broker.hpp"

namespace stoker::broker {
namespace {

TEST(ClusterMetadata, replay_gives_the_live_image_after_random_changes) {
    Random random;
    TestBroker test;
    for (int step = 0; step < 400; ++step) {
        ClusterMetadata& metadata = test.broker().metadata();
        std::string name = "t" + std::to_string(random.below(20));
        switch (random.below(5)) {
            case 0:
                (void)metadata.create_topic(
                    {.name = name, .partitions = int32_t(1 + random.below(5)), .configs = {}});
                break;
            case 1:
                if (auto topic = metadata.find(name)) (void)metadata.delete_topic(topic->id);
                break;
            case 2:
                (void)metadata.create_partitions(name, int32_t(1 + random.below(9)), false);
                break;
            case 3: {
                std::optional<std::string> value;
                if (random.below(2) == 0) value = std::to_string(1000 + random.below(1000));
                (void)metadata.alter_configs(ResourceType::topic, name, {{"retention.ms", value}});
                break;
            }
            default:
                (void)metadata.allocate_producer_ids(1000);
        }
        if (step % 50 != 49) continue;
        MetadataImage before = metadata.image();
        test.kill_and_restart();
        ASSERT_EQ(test.broker().metadata().image(), before) << "seed " << random.seed();
    }
}

TEST(ClusterMetadata, names_that_differ_only_in_dot_and_underscore_collide) {
    TestBroker test;
    ClusterMetadata& metadata = test.broker().metadata();
    ASSERT_TRUE(metadata.create_topic({.name = "a.b", .configs = {}}));
    auto second = metadata.create_topic({.name = "a_b", .configs = {}});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, ErrorCode::invalid_topic_exception);
    EXPECT_EQ(second.error().message, "Topic 'a_b' collides with existing topic: a.b");
}

TEST(ClusterMetadata, every_start_is_a_new_leader_epoch) {
    TestBroker test;
    LeaderEpoch first = test.broker().metadata().epoch();
    test.kill_and_restart();
    EXPECT_EQ(raw(test.broker().metadata().epoch()), raw(first) + 1);
}

}  // namespace
}  // namespace stoker::broker
