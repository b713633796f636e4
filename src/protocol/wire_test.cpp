#include "protocol/wire.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "protocol/utf8.hpp"

namespace stoker::protocol {
namespace {

std::string written(auto write) {
    Writer writer;
    write(writer);
    return hex(std::move(writer).finish_whole());
}

uint32_t varint(std::string_view digits) {
    Bytes bytes = from_hex(digits);
    return Reader(bytes).unsigned_varint();
}

TEST(Wire, unsigned_varints_carry_seven_bits_a_byte) {
    using Case = std::pair<uint32_t, const char*>;
    for (auto [value, digits] : {Case{0, "00"}, Case{127, "7f"}, Case{128, "8001"},
                                 Case{300, "ac02"}, Case{0xffffffff, "ffffffff0f"}}) {
        EXPECT_EQ(written([=](Writer& out) { out.unsigned_varint(value); }), digits);
        EXPECT_EQ(varint(digits), value);
    }
}

TEST(Wire, a_varint_beyond_32_bits_or_without_an_end_is_malformed) {
    for (auto digits : {"ffffffff1f", "80808080808000", "8080", ""}) {
        EXPECT_THROW(varint(digits), MalformedMessage) << digits;
    }
}

TEST(Wire, a_string_may_have_32767_bytes_and_no_more) {
    for (bool compact : {false, true}) {
        Writer writer;
        writer.text(std::string(string_size_max, 'x'), compact);
        Bytes bytes = std::move(writer).finish_whole();
        Reader reader(bytes);
        EXPECT_EQ(reader.text(reader.required_text_length(compact)).size(), string_size_max);
        EXPECT_TRUE(reader.at_end());
        Writer refusing;
        EXPECT_THROW(refusing.text(std::string(string_size_max + 1, 'x'), compact), CannotEncode);
    }
    Bytes too_long = from_hex("818002");  // a compact length of 32768
    too_long.resize(40'000);
    Reader reader(too_long);
    EXPECT_THROW(reader.text_length(true), MalformedMessage);
}

TEST(Wire, a_length_is_never_believed_beyond_what_is_left) {
    for (auto digits : {"00000003abcd", "7fffffffabcd", "fffffffe", "000000"}) {
        Bytes bytes = from_hex(digits);
        EXPECT_THROW(Reader(bytes).length(false), MalformedMessage) << digits;
    }
    Bytes exact = from_hex("00000002abcd");
    EXPECT_EQ(Reader(exact).length(false), 2);
}

TEST(Wire, minus_one_is_null_and_null_is_malformed_where_a_value_is_required) {
    Bytes classic = from_hex("ffffffff"), compact = from_hex("00");
    EXPECT_EQ(Reader(classic).length(false), -1);
    EXPECT_EQ(Reader(compact).length(true), -1);
    EXPECT_THROW(Reader(classic).required_length(false), MalformedMessage);
    EXPECT_THROW(Reader(compact).required_array_length(true), MalformedMessage);
    EXPECT_THROW(Reader(compact).required_text_length(true), MalformedMessage);
}

TEST(Wire, a_failure_names_the_field) {
    Reader reader({});
    reader.reading("member_id");
    try {
        reader.number<int32_t>();
        FAIL() << "read four bytes of none";
    } catch (const MalformedMessage& error) {
        EXPECT_STREQ(error.what(), "member_id: the message ends early");
    }
}

TEST(Wire, a_frame_that_would_exceed_31_bits_is_refused) {
    Writer writer{Bytes(4)};
    for (int i = 0; i < 2; ++i) writer.records({.external_size = size_t(1) << 30}, false);
    EXPECT_THROW(writer.fill_frame_size(), CannotEncode);
}

TEST(Utf8, accepts_every_length_of_sequence) {
    for (auto text : {"", "plain text of some length", "\x7f", "é", "\u0800", "€", "\ud7ff",
                      "\uffff", "\U00010000", "\U0010ffff", "eight in a row and then é"}) {
        EXPECT_TRUE(is_utf8(text)) << text;
    }
}

TEST(Utf8, refuses_overlong_forms_surrogates_and_stumps) {
    for (auto text : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xe2\x82",
                      "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5", "\xff",
                      "long enough for a word \xc3"}) {
        EXPECT_FALSE(is_utf8(text)) << hex(bytes_of(text));
    }
}

}  // namespace
}  // namespace stoker::protocol
