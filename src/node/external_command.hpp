// `stoker NAME` for what is a program of its own, stoker-NAME: so that `stoker` itself links none
// of the libraries that such programs need, and starts at once.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace stoker::node {

/// Where such programs are: beside the running binary, or in libexec/stoker beside its folder.
std::vector<std::filesystem::path> program_folders();

/// The program for that name, if there is one. Names with anything but letters, digits and '-'
/// have none.
std::optional<std::filesystem::path> find_program(
    const std::string& name, const std::vector<std::filesystem::path>& folders);
/// The names of all that are there, sorted.
std::vector<std::string> program_names(const std::vector<std::filesystem::path>& folders);

/// Becomes the program argv[1] names, with the rest of the arguments, if there is one; else returns
/// false. An error says one line on stderr and exits with 1.
bool become_program(int argc, char** argv);

}  // namespace stoker::node
