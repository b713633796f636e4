#include "load/secrets.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace stoker::load {
namespace {

TEST(Secrets, are_overwritten_where_ps_shows_them_from) {
    std::vector<std::string> words{"program",  "--username",            "alice",
                                   "--password", "canary-1",            "--ssl-password=canary-2",
                                   "--password=", "--password"};
    std::vector<char*> argv;
    for (auto& word : words) argv.push_back(word.data());
    hide_secrets(int(argv.size()), argv.data());
    EXPECT_EQ(words, (std::vector<std::string>{"program", "--username", "alice", "--password",
                                               "********", "--ssl-password=********",
                                               "--password=", "--password"}));
}

TEST(Secrets, of_the_environment_are_overwritten_too) {
    setenv("KAFKA_PASSWORD", "canary", 1);
    hide_secrets(0, nullptr);
    EXPECT_STREQ(std::getenv("KAFKA_PASSWORD"), "******");
    unsetenv("KAFKA_PASSWORD");
}

}  // namespace
}  // namespace stoker::load
