// A folder of its own for a test, removed with everything in it.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace stoker {

class TestFolder {
public:
    TestFolder() {
        const auto parent = std::filesystem::temp_directory_path();
        std::string name = (parent / "stoker-test-").string() + std::string(6, 'X');
        STOKER_CHECK(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
        path_ = name;
    }
    ~TestFolder() { std::filesystem::remove_all(path_); }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    std::string path() const { return path_.string(); }
    std::string path(const std::string& name) const { return (path_ / name).string(); }
    /// Its path.
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

}  // namespace stoker
