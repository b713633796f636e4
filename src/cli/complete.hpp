// Completion in shells: kafka-tools says what may stand next on a tool's command line, with the
// topics and groups that the cluster has at that moment, and prints the scripts that make a shell
// ask it.
//
//     source <(kafka-tools --completion bash)
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/tool.hpp"

namespace stoker::cli {

/// Asked only when a name of that kind may stand next; an unreachable cluster has none.
struct LiveNames {
    std::function<std::vector<std::string>()> topics;
    std::function<std::vector<std::string>()> groups;
};

/// What may stand for the last of `words`, which may be empty; the first is the tool's name. In
/// ascending order; nothing where only the user, or a file name, will do.
std::vector<std::string> complete(const Args& words, const LiveNames& live);

/// `kafka-tools --complete WORD...`: one candidate a line. The cluster is that of the command line,
/// asked for half a second at most.
int run_complete(const Args& words, Streams& io);

/// The script for bash, zsh or fish; nothing for other shells.
std::optional<std::string> completion_script(std::string_view shell);

}  // namespace stoker::cli
