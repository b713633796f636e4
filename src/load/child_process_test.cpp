#include "load/child_process.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

namespace stoker::load {
namespace {

constexpr std::chrono::seconds long_enough{20};

std::unique_ptr<ChildProcess> shell(const std::string& script) {
    auto child = ChildProcess::start("/bin/sh", {"-c", script});
    EXPECT_TRUE(child) << child.error();
    return std::move(*child);
}

std::vector<std::string> all_lines(ChildProcess& child) {
    std::vector<std::string> lines;
    while (!child.output_ended()) {
        pollfd waiting{.fd = child.output(), .events = POLLIN, .revents = 0};
        if (poll(&waiting, 1, 20'000) <= 0) break;
        for (auto& line : child.read_lines()) lines.push_back(line);
    }
    return lines;
}

TEST(ChildProcess, its_stdout_and_stderr_come_as_lines_and_then_the_exit_code) {
    auto child = shell("echo one; echo two >&2; printf three; exit 7");
    EXPECT_EQ(all_lines(*child), (std::vector<std::string>{"one", "two", "three"}));
    EXPECT_EQ(child->wait(long_enough), 7);
}

TEST(ChildProcess, a_signal_reaches_it_and_shows_in_its_code) {
    auto child = shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done");
    std::vector<std::string> lines;
    while (lines.empty()) lines = child->read_lines();
    EXPECT_FALSE(child->exit_code());
    child->send(SIGTERM);
    EXPECT_EQ(child->wait(long_enough), 3);
    auto other = shell("kill -9 $$");
    EXPECT_EQ(other->wait(long_enough), 128 + SIGKILL);
}

TEST(ChildProcess, does_not_inherit_blocked_signals) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    auto child = shell("echo ready; exec sleep 1000");
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    child->send(SIGTERM);
    EXPECT_EQ(child->wait(long_enough), 128 + SIGTERM);
}

TEST(ChildProcess, is_gone_with_its_object) {
    pid_t pid = 0;
    {
        auto child = shell("echo $$; exec sleep 1000");
        std::vector<std::string> lines;
        while (lines.empty()) lines = child->read_lines();
        pid = std::stoi(lines[0]);
        EXPECT_EQ(kill(pid, 0), 0);
    }
    EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ChildProcess, a_program_that_is_not_there_is_an_error_that_names_it) {
    auto child = ChildProcess::start("/nonexistent/program", {});
    ASSERT_FALSE(child);
    EXPECT_NE(child.error().find("/nonexistent/program"), std::string::npos);
}

TEST(ChildProcess, an_endless_line_is_cut) {
    auto child = shell("head -c 3000000 /dev/zero | tr '\\0' x");
    size_t total = 0;
    auto lines = all_lines(*child);
    EXPECT_GT(lines.size(), 1u);
    for (auto& line : lines) total += line.size();
    EXPECT_EQ(total, 3'000'000u);
}

}  // namespace
}  // namespace stoker::load
