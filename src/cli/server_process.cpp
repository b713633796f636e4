// kafka-server-start and kafka-server-stop: start `stoker broker` with a server.properties, and
// stop the brokers of this user, as upstream's scripts do with Apache Kafka's.
#include "cli/server_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "cli/java_number.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"

namespace stoker::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view start_usage =
    "USAGE: kafka-server-start [-daemon] server.properties [--override property=value]*";
constexpr std::string_view stop_usage =
    "USAGE: kafka-server-stop [--process-role=broker|controller|broker,controller] "
    "[--node-id=NUMBER]\n"
    "Stops the Stoker brokers of this user on this machine; SIGNAL=KILL in the environment kills.";
/// What a shell says of a command that it cannot find.
constexpr int not_found_status = 127;

/// The stoker beside this program, else the one in PATH.
std::string stoker_program() {
    std::error_code none;
    const fs::path self = fs::read_symlink("/proc/self/exe", none);
    const fs::path beside = self.parent_path() / "stoker";
    return fs::exists(beside, none) ? beside.string() : "stoker";
}

/// In the background, free of the terminal; what it prints goes to logs/kafkaServer.out, or into
/// the folder $LOG_DIR.
int start_daemon(Streams& io, std::vector<char*>& words) {
    const char* chosen = std::getenv("LOG_DIR");
    const fs::path folder = chosen != nullptr ? chosen : "logs";
    std::error_code failed;
    fs::create_directories(folder, failed);
    const std::string file = (folder / "kafkaServer.out").string();
    const int log = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0) {
        io.err.line("kafka-server-start: cannot write " + file + ": " + std::strerror(errno));
        return 1;
    }
    io.out.flush();
    const pid_t child = ::fork();
    if (child != 0) return child < 0 ? 1 : 0;
    ::setsid();
    ::signal(SIGHUP, SIG_IGN);
    const int nothing = ::open("/dev/null", O_RDONLY);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execvp(words.front(), words.data());
    ::_exit(not_found_status);
}

std::vector<std::string> command_line(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    const std::string all{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string> words;
    for (size_t at = 0; at < all.size();) {
        const size_t end = std::min(all.find('\0', at), all.size());
        words.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

}  // namespace

std::vector<std::string> broker_command(const std::string& program,
                                        const std::vector<std::string>& args) {
    std::vector<std::string> words = {program, "broker", "--config"};
    words.insert(words.end(), args.begin(), args.end());
    return words;
}

std::optional<std::string> broker_node_id(const std::vector<std::string>& words) {
    const bool is_broker =
        words.size() >= 2 && words[1] == "broker" && fs::path(words[0]).filename() == "stoker";
    if (!is_broker) return std::nullopt;
    std::string id = "1";
    const auto value_of = [&](size_t at, std::string_view name) -> std::optional<std::string> {
        const std::string equals = std::string(name) + "=";
        if (words[at].starts_with(equals)) return words[at].substr(equals.size());
        if (words[at] == name && at + 1 < words.size()) return words[at + 1];
        return std::nullopt;
    };
    for (size_t i = 2; i < words.size(); ++i) {
        if (const auto file = value_of(i, "--config")) {
            if (const auto properties = load_properties(*file)) {
                id = properties->get_or("node.id", id);
            }
        }
    }
    for (size_t i = 2; i < words.size(); ++i) {
        const auto setting = value_of(i, "--override");
        if (setting && setting->starts_with("node.id=")) id = setting->substr(8);
    }
    return id;
}

int run_server_start(const Args& args, Streams& io) {
    Args rest = args;
    const bool daemon = !rest.empty() && rest[0] == "-daemon";
    if (daemon) rest.erase(rest.begin());
    if (rest.empty() || rest[0] == "--help") {
        io.err.line(start_usage);
        return 1;
    }
    std::vector<std::string> command = broker_command(stoker_program(), rest);
    std::vector<char*> words;
    for (std::string& word : command) words.push_back(word.data());
    words.push_back(nullptr);
    if (daemon) return start_daemon(io, words);
    io.out.flush();
    ::signal(SIGPIPE, SIG_DFL);
    ::execvp(words.front(), words.data());
    io.err.line("kafka-server-start: cannot run " + command.front() + ": " + std::strerror(errno));
    return not_found_status;
}

int run_server_stop(const Args& args, Streams& io) {
    std::optional<std::string> node;
    for (const std::string& word : args) {
        // A Stoker broker is broker and controller in one, so every role names it.
        if (word.starts_with("--process-role=")) continue;
        if (word.starts_with("--node-id=")) {
            node = word.substr(10);
            continue;
        }
        // Who asks for help, or mistypes, wants no broker stopped.
        io.err.line(stop_usage);
        return 1;
    }
    const char* named = std::getenv("SIGNAL");
    const bool kill = named != nullptr && std::string_view(named) == "KILL";
    size_t stopped = 0;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const auto pid = parse_java_int(entry.path().filename().string());
        struct stat status{};
        if (!pid || ::stat(entry.path().c_str(), &status) != 0 || status.st_uid != ::geteuid()) {
            continue;
        }
        const auto id = broker_node_id(command_line(static_cast<pid_t>(*pid)));
        if (!id || (node && *id != *node)) continue;
        if (::kill(static_cast<pid_t>(*pid), kill ? SIGKILL : SIGTERM) == 0) ++stopped;
    }
    if (stopped > 0) return 0;
    io.out.line("No kafka server to stop");
    return 1;
}

}  // namespace stoker::cli
