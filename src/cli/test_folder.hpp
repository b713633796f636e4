// A folder of its own for a test, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/bytes.hpp"

namespace stoker::cli {

class TestFolder {
public:
    TestFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "stoker-cli-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    std::string path(const std::string& name) const { return (path_ / name).string(); }
    std::string write(const std::string& name, std::string_view text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return path(name);
    }
    std::string write(const std::string& name, ByteView bytes) const {
        return write(name, text_of(bytes));
    }

private:
    std::filesystem::path path_;
};

}  // namespace stoker::cli
