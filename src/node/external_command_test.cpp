#include "node/external_command.hpp"

#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace stoker::node {
namespace {

namespace fs = std::filesystem;

class ExternalCommand : public ::testing::Test {
protected:
    ExternalCommand() { fs::create_directories(folder_ / "libexec"); }
    ~ExternalCommand() override { fs::remove_all(folder_); }

    void put(const fs::path& file, bool executable) {
        std::ofstream(folder_ / file) << "#!/bin/sh\n";
        if (executable) fs::permissions(folder_ / file, fs::perms::owner_all);
    }
    std::vector<fs::path> folders() const { return {folder_, folder_ / "libexec"}; }

    fs::path folder_ =
        fs::temp_directory_path() / ("stoker-external-" + std::to_string(::getpid()));
};

TEST_F(ExternalCommand, is_found_beside_the_binary_and_in_libexec) {
    put("stoker-beside", true);
    put("libexec/stoker-installed", true);
    EXPECT_EQ(find_program("beside", folders()), folder_ / "stoker-beside");
    EXPECT_EQ(find_program("installed", folders()), folder_ / "libexec/stoker-installed");
    EXPECT_EQ(program_names(folders()), (std::vector<std::string>{"beside", "installed"}));
}

TEST_F(ExternalCommand, must_be_executable) {
    put("stoker-text", false);
    EXPECT_EQ(find_program("text", folders()), std::nullopt);
    EXPECT_TRUE(program_names(folders()).empty());
}

TEST_F(ExternalCommand, has_a_plain_name) {
    put("stoker-x", true);
    for (const char* name : {"", "../stoker-x", "x/../x", "-x", "x "})
        EXPECT_EQ(find_program(name, folders()), std::nullopt) << name;
}

}  // namespace
}  // namespace stoker::node
