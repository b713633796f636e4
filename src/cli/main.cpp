#include "cli/main.hpp"

#include <unistd.h>

#include <csignal>
#include <cstring>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>

#include "cli/complete.hpp"
#include "cli/tool.hpp"

namespace stoker::cli {
namespace {

constexpr int wrong_usage = 2;

/// Makes DIR/kafka-topics, DIR/kafka-topics.sh and so on, links to this binary beside them.
void install_links(const std::filesystem::path& folder) {
    for (const Tool& tool : tools()) {
        for (const char* ending : {"", ".sh"}) {
            const auto link = folder / (std::string(tool.name) + ending);
            std::filesystem::remove(link);
            std::filesystem::create_symlink("kafka-tools", link);
        }
    }
}

int print_completion(const std::string& shell, Streams& io) {
    const auto script = completion_script(shell);
    if (!script) {
        io.err.line("kafka-tools: there is completion for bash, zsh and fish, not for " + shell);
        return wrong_usage;
    }
    io.out.write(*script);
    io.out.flush();
    return 0;
}

int run_binary(const Args& args, Streams& io) {
    if (args.size() == 2 && args[0] == "--install") {
        install_links(args[1]);
        return 0;
    }
    if (!args.empty() && args[0] == "--complete") {
        return run_complete(Args(args.begin() + 1, args.end()), io);
    }
    if (args.size() == 2 && args[0] == "--completion") return print_completion(args[1], io);
    io.err.line("usage: kafka-tools TOOL [ARGUMENT]...");
    io.err.line("       kafka-tools --install FOLDER   makes a link to kafka-tools for each tool");
    io.err.line("       kafka-tools --completion SHELL   what bash, zsh or fish is to source");
    io.err.line("The tools are:");
    for (const Tool& tool : tools()) io.err.line("  " + std::string(tool.name));
    return wrong_usage;
}

/// Values that hold a password are overwritten where `ps` shows them from, now that they were read.
void hide_secrets(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        const bool is_secret = word.contains("password") || word.contains("jaas.config");
        const size_t equals = word.find('=');
        if (is_secret && equals != std::string_view::npos)
            std::memset(argv[i] + equals + 1, '*', word.size() - equals - 1);
    }
}

int run_named(Args args, Streams& io) {
    const Tool* tool = args.empty() ? nullptr : find_tool(args[0]);
    if (!args.empty()) args.erase(args.begin());
    if (tool == nullptr && !args.empty() && (tool = find_tool(args[0])) != nullptr) {
        args.erase(args.begin());
    }
    return tool == nullptr ? run_binary(args, io) : run_tool(*tool, args, io);
}

}  // namespace

int run_main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    const SystemClock clock;
    Writer out(STDOUT_FILENO, Writer::Buffering::full);
    Writer err(STDERR_FILENO, Writer::Buffering::none);
    err.goes_after(out);
    const kafka::Log log(clock, [&](std::string_view line) { err.write(line); });
    Streams io{.out = out, .err = err, .in = STDIN_FILENO, .clock = clock, .log = log};
    const Args args(argv, argv + argc);
    hide_secrets(argc, argv);
    try {
        return run_named(args, io);
    } catch (const Exit& exit) {
        return exit.code;
    } catch (const std::exception& thrown) {
        err.line(std::string("kafka-tools: ") + thrown.what());
        return 1;
    }
}

}  // namespace stoker::cli
