#include "cli/tool.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include <gtest/gtest.h>

#include "cli/test_streams.hpp"

namespace stoker::cli {
namespace {

TEST(Tools, are_found_with_and_without_ending_and_folder) {
    ASSERT_NE(find_tool("kafka-topics"), nullptr);
    EXPECT_EQ(find_tool("kafka-topics.sh"), find_tool("kafka-topics"));
    EXPECT_EQ(find_tool("/opt/kafka/bin/kafka-topics.sh"), find_tool("kafka-topics"));
    EXPECT_EQ(find_tool("kafka-tools"), nullptr);
    EXPECT_EQ(find_tool(""), nullptr);
}

TEST(Tools, have_names_of_their_own) {
    std::set<std::string_view> names;
    for (const Tool& tool : tools()) EXPECT_TRUE(names.insert(tool.name).second) << tool.name;
}

TEST(Tools, explain_themselves_when_asked) {
    for (const Tool& tool : tools()) {
        // These are scripts upstream, without options.
        if (tool.name.starts_with("kafka-server-")) continue;
        TestStreams s;
        run_tool(tool, {"--help"}, s.io);
        const std::string text = s.out_text + s.err_text;
        const bool is_help =
            text.find("Option") != std::string::npos || text.find("sage: ") != std::string::npos;
        EXPECT_TRUE(is_help) << tool.name << ": " << text;
    }
}

TEST(Tools, an_exception_that_nobody_caught_is_printed_with_its_causes) {
    const Tool tool{"broken", [](const Args&, Streams&) -> int {
                        throw kafka::KafkaException(kafka::kafka_exception(
                            "text", kafka::Failure{.exception = "java.io.IOException"}));
                    }};
    TestStreams s;
    EXPECT_EQ(run_tool(tool, {}, s.io), 1);
    EXPECT_EQ(s.err_text,
              "Exception in thread \"main\" org.apache.kafka.common.KafkaException: "
              "text\nCaused by: java.io.IOException\n");
}

TEST(Tools, an_error_that_upstream_exits_0_after_exits_1_when_asked) {
    ::unsetenv("STOKER_STRICT_EXIT");
    EXPECT_EQ(lenient_exit(), 0);
    ::setenv("STOKER_STRICT_EXIT", "1", 1);
    EXPECT_EQ(lenient_exit(), 1);
    ::unsetenv("STOKER_STRICT_EXIT");
}

TEST(Writer, a_reader_that_is_gone_ends_the_program_quietly) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ::close(ends[0]);
    ::signal(SIGPIPE, SIG_IGN);
    Writer out(ends[1], Writer::Buffering::full);
    out.line("text");
    EXPECT_THROW(out.flush(), Exit);
    EXPECT_TRUE(out.broken());
    ::close(ends[1]);
}

TEST(Writer, what_goes_after_another_is_written_after_it) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    {
        Writer out(ends[1], Writer::Buffering::full);
        Writer err(ends[1], Writer::Buffering::none);
        err.goes_after(out);
        out.write("first ");
        err.write("second ");
        out.write("third");
    }
    ::close(ends[1]);
    char text[64] = {};
    EXPECT_EQ(::read(ends[0], text, sizeof text), 18);
    EXPECT_STREQ(text, "first second third");
    ::close(ends[0]);
}

}  // namespace
}  // namespace stoker::cli
