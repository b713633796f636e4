#include "cli/quorum_change.hpp"

#include <gtest/gtest.h>

#include "base/test_folder.hpp"

namespace stoker::cli {
namespace {

/// The server.properties of a controller whose data directory is formatted.
class NewVoterTest : public testing::Test {
protected:
    TestFolder folder;
    kafka::ClientProperties properties;

    NewVoterTest() {
        folder.write("meta.properties",
                     "version=1\ncluster.id=c\nnode.id=7\ndirectory.id=XJlKKsQNRA61oEKPvn-UNg\n");
        properties.set("node.id", "7");
        properties.set("process.roles", "broker,controller");
        properties.set("log.dirs", folder.path(""));
        properties.set("listeners", "PLAINTEXT://:9092,CONTROLLER://:9093");
        properties.set("advertised.listeners", "controller://[::1]:9094");
        properties.set("controller.listener.names", "controller");
    }
    std::string refusal() {
        try {
            NewVoter voter(properties);
        } catch (const kafka::KafkaException& thrown) {
            return thrown.failure().text();
        }
        return "none";
    }
};

TEST_F(NewVoterTest, is_known_by_its_directory_and_what_it_advertises) {
    const NewVoter voter(properties);
    EXPECT_EQ(voter.id, 7);
    EXPECT_EQ(to_string(voter.directory_id), "XJlKKsQNRA61oEKPvn-UNg");
    ASSERT_EQ(voter.endpoints.size(), 1u);
    EXPECT_EQ(voter.endpoints[0].name, "CONTROLLER");
    EXPECT_EQ(voter.endpoints[0].host, "::1");
    EXPECT_EQ(voter.endpoints[0].port, 9094);
    properties.erase("advertised.listeners");
    EXPECT_EQ(NewVoter(properties).endpoints[0].host, "localhost");
}

TEST_F(NewVoterTest, what_is_no_controllers_file_is_told_as_upstream_does) {
    properties.set("controller.listener.names", "other");
    EXPECT_EQ(refusal(), "Cannot find information about controller listener name: OTHER");
    const std::string none = folder.path("none");
    properties.set("log.dirs", none);
    EXPECT_EQ(refusal(), "Unable to read meta.properties from " + none);
    properties.set("process.roles", "broker");
    EXPECT_EQ(refusal(),
              "process.roles did not contain 'controller' in configuration file. Is this a valid "
              "controller configuration file?");
    properties.erase("node.id");
    EXPECT_EQ(refusal(), "node.id not found in configuration file. Is this a valid controller "
                         "configuration file?");
}

}  // namespace
}  // namespace stoker::cli
