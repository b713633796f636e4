#include "cli/line_reader.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace stoker::cli {
namespace {

/// All lines of a pipe that is written in these pieces, one fill() each.
std::vector<std::string> lines_of(const std::vector<std::string>& pieces) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    LineReader reader(ends[0]);
    std::vector<std::string> lines;
    for (const std::string& piece : pieces) {
        EXPECT_EQ(::write(ends[1], piece.data(), piece.size()), ssize_t(piece.size()));
        EXPECT_TRUE(reader.fill());
        while (const auto line = reader.next()) lines.emplace_back(*line);
    }
    ::close(ends[1]);
    EXPECT_FALSE(reader.fill());
    if (const auto line = reader.last()) lines.emplace_back(*line);
    ::close(ends[0]);
    return lines;
}

using Lines = std::vector<std::string>;

TEST(LineReader, lines_end_at_a_newline_a_return_or_both) {
    EXPECT_EQ(lines_of({"a\nb\r\nc\rd"}), (Lines{"a", "b", "c", "d"}));
    EXPECT_EQ(lines_of({"\n\n"}), (Lines{"", ""}));
    EXPECT_EQ(lines_of({"\r\r\n"}), (Lines{"", ""}));
}

TEST(LineReader, a_final_line_end_begins_no_line) {
    EXPECT_EQ(lines_of({"a\n"}), Lines{"a"});
    EXPECT_EQ(lines_of({"a\r\n"}), Lines{"a"});
    EXPECT_EQ(lines_of({"a\r"}), Lines{"a"});
    EXPECT_TRUE(lines_of({}).empty());
}

TEST(LineReader, a_line_may_come_in_pieces_cut_anywhere) {
    EXPECT_EQ(lines_of({"a", "b\r", "\nc", "\n", "d"}), (Lines{"ab", "c", "d"}));
    EXPECT_EQ(lines_of({"a\r", "b"}), (Lines{"a", "b"}));
}

TEST(LineReader, bytes_are_passed_as_they_are) {
    const std::string line("a\0b\xff", 4);
    EXPECT_EQ(lines_of({line + "\n"}), Lines{line});
}

TEST(LineReader, a_line_may_be_longer_than_the_buffer) {
    const std::vector<std::string> pieces(30, std::string(10'000, 'x'));
    EXPECT_EQ(lines_of(pieces), Lines{std::string(300'000, 'x')});
}

}  // namespace
}  // namespace stoker::cli
