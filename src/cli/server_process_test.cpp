#include "cli/server_process.hpp"

#include <gtest/gtest.h>

namespace stoker::cli {
namespace {

TEST(ServerProcess, starts_a_broker_with_the_properties_and_the_overrides) {
    EXPECT_EQ(broker_command("/bin/stoker", {"server.properties", "--override", "node.id=3"}),
              (std::vector<std::string>{"/bin/stoker", "broker", "--config", "server.properties",
                                        "--override", "node.id=3"}));
}

TEST(ServerProcess, knows_a_broker_by_its_command_line) {
    EXPECT_EQ(broker_node_id({"/opt/bin/stoker", "broker"}), "1");
    EXPECT_EQ(broker_node_id({"stoker", "broker", "--override", "node.id=3"}), "3");
    EXPECT_EQ(broker_node_id({"stoker", "broker", "--override=node.id=4"}), "4");
}

TEST(ServerProcess, leaves_other_programs_alone) {
    EXPECT_EQ(broker_node_id({}), std::nullopt);
    EXPECT_EQ(broker_node_id({"stoker"}), std::nullopt);
    EXPECT_EQ(broker_node_id({"stoker", "up"}), std::nullopt);
    EXPECT_EQ(broker_node_id({"vim", "broker"}), std::nullopt);
    EXPECT_EQ(broker_node_id({"/bin/not-stoker", "broker"}), std::nullopt);
}

}  // namespace
}  // namespace stoker::cli
