#include "broker/config/configuration_doc.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace stoker::broker {
namespace {

TEST(ConfigurationDoc, says_what_the_declarations_say) {
    std::string path = std::string(STOKER_SOURCE_DIR) + "/docs/configuration.md";
    if (std::getenv("STOKER_WRITE_DOCS") != nullptr) std::ofstream(path) << configuration_doc();
    std::ifstream file(path);
    std::string written{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    EXPECT_TRUE(written == configuration_doc())
        << path << " is out of date: set STOKER_WRITE_DOCS=1 and run this test again";
}

}  // namespace
}  // namespace stoker::broker
