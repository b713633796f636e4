#include "exchange/shell_command.hpp"

#include <signal.h>

#include <gtest/gtest.h>

#include <string>

namespace stoker::exchange {
namespace {

std::expected<CommandOutput, std::string> shell(const std::string& text,
                                                const std::string& input = "") {
    ::signal(SIGPIPE, SIG_IGN);
    return run({.text = text}, bytes_of(input));
}

std::string printed(const std::string& text, const std::string& input = "") {
    const auto output = shell(text, input);
    return output ? std::string(text_of(output->bytes)) : output.error();
}

TEST(ShellCommand, answers_what_it_prints_of_its_input) {
    EXPECT_EQ(printed("tr a-z A-Z", "hello"), "HELLO");
    EXPECT_EQ(printed("cat", std::string("\0\xff\n", 3)), std::string("\0\xff\n", 3));
    EXPECT_EQ(printed("true"), "");
}

TEST(ShellCommand, a_long_message_goes_through_a_command_that_answers_meanwhile) {
    const std::string text(900'000, 'x');
    EXPECT_EQ(printed("cat", text), text);
}

TEST(ShellCommand, need_not_read_its_input) {
    EXPECT_EQ(printed("echo done", std::string(900'000, 'x')), "done\n");
}

TEST(ShellCommand, its_status_is_that_of_the_shell) {
    EXPECT_EQ(shell("exit 7")->status, 7);
    EXPECT_EQ(shell("kill -9 $$")->status, 137);
    EXPECT_EQ(shell("/no/such/program 2>/dev/null")->status, 127);
}

TEST(ShellCommand, sees_the_environment_it_is_given) {
    const auto output = run(
        {.text = "printf %s \"$KAFKA_TOPIC\"", .environment = {{"KAFKA_TOPIC", "questions"}}}, {});
    EXPECT_EQ(text_of(output->bytes), "questions");
}

TEST(ShellCommand, that_takes_too_long_is_killed_with_its_children) {
    const auto output =
        run({.text = "sleep 60 | cat", .time_limit = std::chrono::milliseconds(50)}, {});
    EXPECT_NE(output.error().find("did not end within 50 ms"), std::string::npos);
}

TEST(ShellCommand, that_goes_on_after_its_answer_is_killed_when_its_time_is_up) {
    const auto output = run({.text = "echo answer; exec >&-; exec sleep 60",
                             .time_limit = std::chrono::milliseconds(50)},
                            {});
    EXPECT_NE(output.error().find("did not end within 50 ms"), std::string::npos);
}

TEST(ShellCommand, that_prints_too_much_is_killed) {
    const auto output = run({.text = "yes", .output_max = 100'000}, {});
    EXPECT_NE(output.error().find("more than 100000 bytes"), std::string::npos);
}

}  // namespace
}  // namespace stoker::exchange
