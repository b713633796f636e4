#include "http/request.hpp"

#include <gtest/gtest.h>

#include "http/request_reader.hpp"

namespace stoker::http {
namespace {

using State = RequestReader::State;

constexpr size_t body_size_max = 100;

/// What becomes of these bytes, fed whole: "METHOD path body" of each request, or a refusal.
std::string read(std::string_view bytes, size_t piece = std::string_view::npos) {
    RequestReader reader(body_size_max);
    std::string said;
    while (!bytes.empty()) {
        reader.feed(bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (; reader.state() == State::complete; reader.next()) {
            const Request& request = reader.request();
            said += std::string(request.method) + ' ' + std::string(request.path) + ' ' +
                    std::string(request.body) + '|';
        }
    }
    if (reader.state() == State::refused) said += std::to_string(int(reader.refusal()));
    if (reader.state() == State::head) said += "head";
    if (reader.state() == State::body) said += "body";
    return said;
}

std::string post(std::string_view headers, std::string_view body) {
    return "POST / HTTP/1.1\r\n" + std::string(headers) + "\r\n\r\n" + std::string(body);
}

std::string chunked(std::string_view body) {
    return read(post("Transfer-Encoding: chunked", body));
}

TEST(Request, names_of_headers_are_found_in_any_case) {
    const auto parsed = parse_head("GET http://host/path HTTP/1.1\r\nAccept: text/plain \r\n\r\n");
    ASSERT_TRUE(parsed && *parsed);
    EXPECT_EQ((*parsed)->request.path, "/path");
    EXPECT_EQ((*parsed)->request.header("aCCept"), "text/plain");
    EXPECT_EQ((*parsed)->request.header("Host"), std::nullopt);
}

TEST(Request, parameters_of_a_query_are_decoded) {
    Request request;
    request.query = "a=1&b=x+y%2Bz&a=2&c&d=100%&%65=%zz";
    EXPECT_EQ(request.query_parameter("a"), "1");
    EXPECT_EQ(request.query_parameter("b"), "x y+z");
    EXPECT_EQ(request.query_parameter("c"), "");
    EXPECT_EQ(request.query_parameter("d"), "100%");
    EXPECT_EQ(request.query_parameter("e"), "%zz");
    EXPECT_EQ(request.query_parameter("f"), std::nullopt);
}

TEST(Request, percent_signs_stand_for_bytes_or_are_refused) {
    EXPECT_EQ(percent_decoded("a%2fb%2F+%c3%a9"), "a/b/+\xc3\xa9");
    EXPECT_EQ(percent_decoded("%"), std::nullopt);
    EXPECT_EQ(percent_decoded("%4"), std::nullopt);
    EXPECT_EQ(percent_decoded("%4g"), std::nullopt);
    EXPECT_EQ(read("GET /%2 HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(read("GET /%2f HTTP/1.1\r\n\r\n"), "GET /%2f |");
}

TEST(Request, methods_are_any_token_and_targets_are_paths) {
    EXPECT_EQ(read("BREW /pot HTTP/1.1\r\n\r\n"), "BREW /pot |");
    EXPECT_EQ(read("GET, /pot HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(read("OPTIONS * HTTP/1.1\r\n\r\n"), "OPTIONS * |");
    EXPECT_EQ(read("GET * HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(read("GET  HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(read("GET ?a HTTP/1.1\r\n\r\n"), "400");
    EXPECT_EQ(read("CONNECT host:80 HTTP/1.1\r\n\r\n"), "400");
}

TEST(Request, a_connection_is_kept_or_closed_as_the_list_says) {
    const auto kept = [](std::string_view rest) {
        const auto parsed = parse_head("GET / HTTP/" + std::string(rest) + "\r\n\r\n");
        return (*parsed)->request.keep_alive;
    };
    EXPECT_TRUE(kept("1.1"));
    EXPECT_FALSE(kept("1.1\r\nConnection: Upgrade, Close"));
    EXPECT_FALSE(kept("1.0"));
    EXPECT_TRUE(kept("1.0\r\nConnection: Keep-Alive"));
}

TEST(RequestReader, a_body_has_its_length_whatever_the_method) {
    EXPECT_EQ(read(post("Content-Length: 5", "hello")), "POST / hello|");
    EXPECT_EQ(read(post("content-length:0", "")), "POST / |");
    EXPECT_EQ(read("GET /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}GET /b HTTP/1.1\r\n\r\n"),
              "GET /a {}|GET /b |");
    EXPECT_EQ(read(post("Content-Length: 5", "hell")), "body");
}

TEST(RequestReader, a_length_that_can_be_understood_in_two_ways_is_refused) {
    EXPECT_EQ(read(post("Content-Length: 5\r\nContent-Length: 5", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length: 5\r\ncontent-length: 6", "hello!")), "400");
    EXPECT_EQ(read(post("Content-Length: 5, 5", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length: +5", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length: 0x5", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length: -5", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length:", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length : 5", "hello")), "400");
    EXPECT_EQ(read(post("X: y\r\n Content-Length: 5", "hello")), "400");
    EXPECT_EQ(read(post("X: y\rContent-Length: 5", "hello")), "400");
    EXPECT_EQ(read(post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n")), "400");
    EXPECT_EQ(read(post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n")), "400");
    EXPECT_EQ(read(post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
              "400");
    EXPECT_EQ(read("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400");
}

TEST(RequestReader, only_the_chunked_coding_is_known) {
    EXPECT_EQ(read(post("Transfer-Encoding: gzip, chunked", "")), "501");
    EXPECT_EQ(read(post("Transfer-Encoding: identity", "")), "501");
    EXPECT_EQ(read(post("Transfer-Encoding: xchunked", "")), "501");
    EXPECT_EQ(read(post("transfer-encoding: Chunked", "0\r\n\r\n")), "POST / |");
}

TEST(RequestReader, chunks_are_one_body) {
    EXPECT_EQ(chunked("5\r\nhello\r\n0\r\n\r\n"), "POST / hello|");
    EXPECT_EQ(chunked("1\r\nh\r\n00A;name=\"value\"\r\nello there!\r\n0 ;x\r\na: b\r\n\r\n"), "400")
        << "a chunk that is longer than it says";
    EXPECT_EQ(chunked("1\r\nh\r\n00A;name=\"value\"\r\nello there\r\n0 ;x\r\na: b\r\n\r\n"),
              "POST / hello there|");
    EXPECT_EQ(chunked("2\r\n\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n"), "POST / \r\n|GET /b |");
}

TEST(RequestReader, what_is_no_chunk_is_refused) {
    EXPECT_EQ(chunked("\r\nhello\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("5\nhello\r\n0\r\n\r\n"), "400") << "a bare LF ends no line here";
    EXPECT_EQ(chunked("5;a\nb\r\nhello\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("5;a\rb\r\nhello\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("5 \r\nhello\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("-5\r\nhello\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("0x5\r\nhello\r\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("5\r\nhello0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("5\r\nhello\n0\r\n\r\n"), "400");
    EXPECT_EQ(chunked("0\r\nno trailer\r\n\r\n"), "400");
    EXPECT_EQ(chunked("0\r\n: x\r\n\r\n"), "400");
}

TEST(RequestReader, a_body_has_a_largest_size) {
    const std::string most(body_size_max, 'x');
    EXPECT_EQ(read(post("Content-Length: 100", most)), "POST / " + most + '|');
    EXPECT_EQ(read(post("Content-Length: 101", "")), "413");
    EXPECT_EQ(read(post("Content-Length: 99999999999999999999999", "")), "413");
    EXPECT_EQ(chunked("64\r\n" + most + "\r\n0\r\n\r\n"), "POST / " + most + '|');
    EXPECT_EQ(chunked("65\r\n"), "413");
    EXPECT_EQ(chunked("63\r\n" + most.substr(1) + "\r\n2\r\n"), "413");
    EXPECT_EQ(chunked("ffffffffffffffff\r\n"), "413");
    EXPECT_EQ(chunked("10000000000000005\r\n"), "413");
}

TEST(RequestReader, what_surrounds_chunks_has_a_largest_size) {
    const std::string extension = ';' + std::string(1000, 'x');
    std::string chunks;
    for (int i = 0; i < 16; ++i) chunks += "1" + extension + "\r\ny\r\n";
    EXPECT_EQ(chunked(chunks), "body");
    EXPECT_EQ(chunked(chunks + "1" + extension + "\r\n"), "431");
    EXPECT_EQ(chunked("1;" + std::string(1100, 'x')), "400");
    std::string trailers = "0\r\n";
    for (int i = 0; i < 20; ++i) trailers += "a: " + std::string(1000, 'x') + "\r\n";
    EXPECT_EQ(chunked(trailers), "431");
}

TEST(RequestReader, pieces_of_any_size_make_the_same_requests) {
    const std::string bytes =
        "\r\n\nGET /1?a=b HTTP/1.1\r\nHost: x\r\n\r\n" + post("Content-Length: 5", "hello") +
        post("Transfer-Encoding: chunked", "2\r\nhe\r\n3;x\r\nllo\r\n0\r\na: b\r\n\r\n") +
        "\r\nGET /2 HTTP/1.1\n\n" + post("Content-Length: 101", "");
    const std::string whole = read(bytes);
    EXPECT_EQ(whole, "GET /1 |POST / hello|POST / hello|GET /2 |413");
    for (size_t piece = 1; piece < bytes.size(); ++piece) EXPECT_EQ(read(bytes, piece), whole);
}

TEST(RequestReader, headers_and_body_are_there_together_when_the_body_came_late) {
    RequestReader reader(size_t{1} << 20);
    const std::string body(size_t{1} << 20, 'x');
    reader.feed(post("Content-Type: application/json\r\nContent-Length: 1048576", ""));
    for (size_t at = 0; at < body.size(); at += 1000) reader.feed(body.substr(at, 1000));
    ASSERT_EQ(reader.state(), State::complete);
    EXPECT_EQ(reader.request().header("content-type"), "application/json");
    EXPECT_EQ(reader.request().body, body);
}

TEST(RequestReader, bodies_of_a_mebibyte_come_byte_by_byte) {
    const size_t size = size_t{1} << 20;  // more than seconds only when it is not linear
    RequestReader reader(size);
    reader.feed(post("Content-Length: 1048576", ""));
    for (size_t i = 0; i < size; ++i) reader.feed("x");
    ASSERT_EQ(reader.state(), State::complete);
    EXPECT_EQ(reader.request().body, std::string(size, 'x'));
    reader.next();
    reader.feed(post("Transfer-Encoding: chunked", ""));
    for (size_t i = 0; i < size; ++i)
        for (const std::string_view byte : {"1", "\r", "\n", "y", "\r", "\n"}) reader.feed(byte);
    reader.feed("0\r\n\r\n");
    ASSERT_EQ(reader.state(), State::complete);
    EXPECT_EQ(reader.request().body, std::string(size, 'y'));
}

TEST(RequestReader, an_expectation_is_taken_once_and_only_before_the_body) {
    RequestReader reader(body_size_max);
    reader.feed(post("Expect: 100-Continue\r\nContent-Length: 2", ""));
    EXPECT_TRUE(reader.take_expectation());
    EXPECT_FALSE(reader.take_expectation());
    reader.feed("{}" + post("Expect: 100-continue\r\nContent-Length: 2", "{}"));
    ASSERT_EQ(reader.state(), State::complete);
    reader.next();
    ASSERT_EQ(reader.state(), State::complete);
    EXPECT_FALSE(reader.take_expectation());
    reader.next();
    reader.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_FALSE(reader.take_expectation());
}

}  // namespace
}  // namespace stoker::http
