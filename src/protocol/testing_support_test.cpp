// What testing.hpp declares, and that it can fail.
#include "protocol/testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "protocol/messages/12_heartbeat.hpp"

namespace stoker::protocol::testing {

namespace {

using GoldenLines = std::map<std::string, std::string, std::less<>>;

GoldenLines read_golden_lines() {
    std::ifstream file(STOKER_SOURCE_DIR "/tests/golden/messages.txt");
    GoldenLines lines;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line);
        std::string name, version, kind, digits;
        words >> name >> version >> kind >> digits;
        lines[name + " " + version + " " + kind] = digits;
    }
    return lines;
}

}  // namespace

Uuid GoldenValues::uuid() {
    Uuid id;
    id.bytes[15] = std::byte(++counter_);
    return id;
}

int64_t RandomValues::number(size_t size) {
    auto bits = int64_t(random_.next());
    int64_t small = int64_t(random_.below(4)) - 1;
    switch (random_.below(4)) {
        case 0: return small;
        case 1: return bits >> (64 - 8 * size);
        case 2: return std::numeric_limits<int64_t>::max() >> (64 - 8 * size);
        default: return bits % 1000;
    }
}

std::string RandomValues::text() {
    static constexpr std::string_view alphabet[] = {"a", "Z", "-", "_", ".", "é", "€", "😀"};
    std::string text;
    for (auto left = random_.below(20) ? random_.below(12) : 200; left > 0; --left) {
        text += alphabet[random_.below(std::size(alphabet))];
    }
    return text;
}

Bytes RandomValues::bytes() {
    Bytes bytes(random_.below(20) ? random_.below(20) : 300);
    for (std::byte& b : bytes) b = std::byte(random_.below(256));
    return bytes;
}

Bytes golden(std::string_view message, int16_t version, std::string_view kind) {
    static const GoldenLines lines = read_golden_lines();
    std::string key = std::string(message) + " " + std::to_string(version) + " ";
    auto found = lines.find(key.append(kind));
    if (found == lines.end()) throw std::runtime_error("no golden bytes for " + key);
    return from_hex(found->second);
}

namespace {

TEST(Testing, a_wrong_value_is_found_by_the_golden_bytes) {
    GoldenValues values(false);
    Filler fill(values, 3);
    HeartbeatRequest message;
    fill(message);
    EXPECT_EQ(golden_problem(message, 3, "full"), "");
    ++message.generation_id;
    EXPECT_NE(golden_problem(message, 3, "full"), "");
}

TEST(Testing, a_missing_golden_line_is_an_error) {
    EXPECT_THROW(golden("HeartbeatRequest", 99, "full"), std::runtime_error);
}

}  // namespace
}  // namespace stoker::protocol::testing
