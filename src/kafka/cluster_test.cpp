#include "kafka/cluster.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>

#include "kafka/scripted_broker.hpp"
#include "protocol/messages/10_find_coordinator.hpp"

namespace stoker::kafka {
namespace {

using protocol::FindCoordinatorRequest;
using protocol::FindCoordinatorResponse;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

const SystemClock the_clock;

class ClusterTest : public testing::Test {
protected:
    std::unique_ptr<Cluster> cluster(std::vector<std::string> servers) {
        ClusterOptions options{.name = "AdminClient clientId=x"};
        options.settings.bootstrap_servers = std::move(servers);
        options.settings.retry_backoff_ms = 1;
        options.settings.reconnect_backoff_ms = 1;
        options.settings.reconnect_backoff_max_ms = 1;
        Log log(the_clock, [this](std::string_view line) { lines += line; });
        return value_or_throw(Cluster::create(options, log, the_clock));
    }
    Deadline soon() const { return {the_clock, 10'000}; }

    std::string lines;
};

TEST_F(ClusterTest, one_connection_serves_the_bootstrap_server_and_the_node_behind_it) {
    ScriptedBroker broker;
    auto cluster = this->cluster({broker.server()});
    auto any = cluster->any(soon());
    ASSERT_TRUE(any);
    auto controller = cluster->controller(soon());
    ASSERT_TRUE(controller);
    EXPECT_EQ(*any, *controller);
    EXPECT_EQ(cluster->node(1, soon()), *any);
    EXPECT_EQ(cluster->cluster_id(), "a-cluster");
    ASSERT_EQ(cluster->nodes().size(), 1u);
    EXPECT_EQ(to_string(cluster->nodes().front()),
              "127.0.0.1:" + std::to_string(broker.port()) +
                  " (id: 1 rack: null isFenced: false)");
    EXPECT_EQ(broker.asked(), (std::vector<int16_t>{18, 3}));
}

TEST_F(ClusterTest, a_dead_broker_is_warned_of_until_the_deadline) {
    auto cluster = this->cluster({"127.0.0.1:1"});
    auto any = cluster->any({the_clock, 400});
    EXPECT_EQ(any.error().to_string(),
              "org.apache.kafka.common.errors.TimeoutException: Timed out waiting for a node "
              "assignment.");
    std::string warning =
        " WARN [AdminClient clientId=x] Connection to node -1 (/127.0.0.1:1) could not be "
        "established. Node may not be available. (org.apache.kafka.clients.NetworkClient)\n";
    EXPECT_NE(lines.find(warning), std::string::npos) << lines;
    EXPECT_GE(std::ranges::count(lines, '\n'), 2);
}

TEST_F(ClusterTest, a_second_bootstrap_server_steps_in_for_a_dead_one) {
    ScriptedBroker broker;
    auto cluster = this->cluster({"127.0.0.1:1", broker.server()});
    EXPECT_TRUE(cluster->any(soon()));
    EXPECT_NE(lines.find("node -1 "), std::string::npos);
    EXPECT_EQ(lines.find("node -2 "), std::string::npos);
}

TEST_F(ClusterTest, a_connection_that_was_lost_is_made_again) {
    std::atomic<int> calls = 0;
    ScriptedBroker* self = nullptr;
    ScriptedBroker broker(
        {{MetadataRequest::api.key, [&](const ScriptedRequest& request) -> std::optional<Bytes> {
              if (calls++ == 0) return std::nullopt;
              return request.answer(self->this_node());
          }}});
    self = &broker;
    auto cluster = this->cluster({broker.server()});
    auto answer = cluster->fetch_metadata(MetadataRequest{}, soon());
    ASSERT_TRUE(answer) << answer.error().to_string();
    EXPECT_EQ(broker.asked(), (std::vector<int16_t>{18, 3, 18, 3}));
}

TEST_F(ClusterTest, a_coordinator_that_is_loading_is_asked_for_again_and_then_remembered) {
    std::atomic<int> calls = 0;
    ScriptedBroker broker(
        {{FindCoordinatorRequest::api.key, [&](const ScriptedRequest& request) {
              EXPECT_EQ(request.decode<FindCoordinatorRequest>().coordinator_keys,
                        std::vector<std::string>{"g"});
              FindCoordinatorResponse response;
              auto& one = response.coordinators.emplace_back();
              one.key = "g";
              one.node_id = 7;
              one.host = "127.0.0.1";
              one.port = 1;
              if (calls++ == 0) one.error_code = ErrorCode::coordinator_not_available;
              return request.answer(response);
          }}});
    auto cluster = this->cluster({broker.server()});
    EXPECT_EQ(cluster->coordinator(CoordinatorType::group, "g", soon()), 7);
    EXPECT_EQ(cluster->coordinator(CoordinatorType::group, "g", soon()), 7);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(cluster->find_node(7)->port, 1);
}

TEST_F(ClusterTest, a_controller_that_nobody_knows_is_asked_for_until_the_deadline) {
    ScriptedBroker broker({{MetadataRequest::api.key, [](const ScriptedRequest& request) {
                                return request.answer(MetadataResponse{
                                    .brokers = {{.node_id = -5, .host = "", .port = -1}}});
                            }}});
    auto cluster = this->cluster({broker.server()});
    EXPECT_TRUE(cluster->controller({the_clock, 30}).error().is("TimeoutException"));
}

}  // namespace
}  // namespace stoker::kafka
