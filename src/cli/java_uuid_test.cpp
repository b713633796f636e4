#include "cli/java_uuid.hpp"

#include <gtest/gtest.h>

namespace stoker::cli {
namespace {

std::string read(const std::string& text) {
    const auto id = parse_java_uuid(text);
    return id ? to_string(*id) : id.error().text();
}

TEST(JavaUuid, reads_what_java_reads) {
    EXPECT_EQ(read("AAAAAAAAAAAAAAAAAAAABw"), "AAAAAAAAAAAAAAAAAAAABw");
    EXPECT_EQ(read("AAAAAAAAAAAAAAAAAAAABw=="), "AAAAAAAAAAAAAAAAAAAABw");
    EXPECT_EQ(read("AAAAAAAAAAAAAAAAAAAABx"), "AAAAAAAAAAAAAAAAAAAABw");
    EXPECT_EQ(read("XJlKKsQNRA61oEKPvn-UNg"), "XJlKKsQNRA61oEKPvn-UNg");
}

TEST(JavaUuid, what_is_none_fails_with_javas_text) {
    EXPECT_EQ(read("short"), "Last unit does not have enough valid bits");
    EXPECT_EQ(read("a b"), "Illegal base64 character 20");
    EXPECT_EQ(read("a"), "Input byte[] should at least have 2 bytes for base64 bytes");
    EXPECT_EQ(read("abc=d"), "Input byte array has incorrect ending byte at 4");
    EXPECT_EQ(read("ab=c"), "Input byte array has wrong 4-byte ending unit");
    const std::string not_16 =
        " bytes, which is not equal to the expected 16 bytes of a base64-encoded UUID";
    EXPECT_EQ(read(""), "Input string `` decoded as 0" + not_16);
    EXPECT_EQ(read("xyz"), "Input string `xyz` decoded as 2" + not_16);
    EXPECT_EQ(read("abcdefghijklmnopqrstuvwxyz"),
              "Input string with prefix `abcdefghijklmnopqrstuvwx` is too long to be decoded as a "
              "base64 UUID");
}

}  // namespace
}  // namespace stoker::cli
