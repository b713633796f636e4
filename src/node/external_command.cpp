#include "node/external_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <system_error>

namespace stoker::node {

namespace fs = std::filesystem;

namespace {

constexpr const char* prefix = "stoker-";

bool is_plain(const std::string& name) {
    return !name.empty() && name.front() != '-' &&
           std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '-'; });
}

bool is_program(const fs::path& path) {
    std::error_code error;
    return fs::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::vector<fs::path> program_folders() {
    std::error_code error;
    const fs::path self = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const fs::path folder = self.parent_path();
    return {folder, folder.parent_path() / "libexec" / "stoker"};
}

std::optional<fs::path> find_program(const std::string& name,
                                     const std::vector<fs::path>& folders) {
    if (!is_plain(name)) return std::nullopt;
    for (const fs::path& folder : folders) {
        const fs::path path = folder / (prefix + name);
        if (is_program(path)) return path;
    }
    return std::nullopt;
}

std::vector<std::string> program_names(const std::vector<fs::path>& folders) {
    std::set<std::string> names;
    for (const fs::path& folder : folders) {
        std::error_code error;
        for (const auto& entry : fs::directory_iterator(folder, error)) {
            const std::string name = entry.path().filename();
            if (name.starts_with(prefix) && is_program(entry.path()))
                names.insert(name.substr(std::strlen(prefix)));
        }
    }
    return {names.begin(), names.end()};
}

bool become_program(int argc, char** argv) {
    if (argc < 2) return false;
    const auto program = find_program(argv[1], program_folders());
    if (!program) return false;
    argv[1] = const_cast<char*>(program->c_str());
    ::execv(program->c_str(), argv + 1);
    std::fprintf(stderr, "stoker: %s cannot be started: %s.\n", program->c_str(),
                 std::strerror(errno));
    std::exit(1);
}

}  // namespace stoker::node
