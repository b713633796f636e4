#include "http/router.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "http/test_client.hpp"

namespace stoker::http {
namespace {

Router routes() {
    Router router(json_error);
    router.on("GET", "/", [](const Request&) { return text_response(200, "home"); });
    router.on("GET", "/subjects/{subject}/versions/{version}", [](const Request& request) {
        return json_response(200, json_quoted(request.path_parameter("subject") + '@' +
                                              request.path_parameter("version")));
    });
    router.on("DELETE", "/subjects/{subject}/versions/{version}",
              [](const Request&) { return Response{.status = 204}; });
    router.on("POST", "/payment", [](const Request& request, Reply reply) {
        if (request.body == "fail") throw std::runtime_error("no \"payment\"\n");
        std::move(reply).send(json_response(201, std::string(request.body)));
    });
    return router;
}

/// The answer to one request.
std::string heard(std::string_view request_line, std::string_view body = "") {
    const auto server = Server::start({}, routes());
    EXPECT_TRUE(server) << server.error();
    Client client((*server)->port());
    client.say(std::string(request_line) + " HTTP/1.1\r\nConnection: close\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
    return client.hear_all();
}

TEST(Router, a_route_is_found_by_method_and_path) {
    EXPECT_TRUE(heard("GET /").ends_with("\r\n\r\nhome\n"));
    EXPECT_TRUE(heard("GET /?a=b").ends_with("\r\n\r\nhome\n"));
    EXPECT_EQ(heard("POST /payment", R"({"id":1})"),
              "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 8\r\n"
              "Connection: close\r\n\r\n{\"id\":1}");
    EXPECT_TRUE(heard("POST /%70ayment", "1").starts_with("HTTP/1.1 201 "));
}

TEST(Router, parameters_are_segments_decoded_after_the_path_was_split) {
    EXPECT_TRUE(heard("GET /subjects/a%2Fb%20c/versions/1").ends_with("\r\n\r\n\"a/b c@1\""));
    EXPECT_TRUE(heard("GET /subjects//versions/1").starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(heard("GET /subjects/a/versions/1/").starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(heard("GET /subjects/a/versions").starts_with("HTTP/1.1 404 "));
}

TEST(Router, a_path_without_a_route_is_not_found_in_the_programs_own_words) {
    EXPECT_EQ(heard("GET /nowhere"),
              "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 49\r\n"
              "Connection: close\r\n\r\n{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}");
    EXPECT_TRUE(heard("OPTIONS *").starts_with("HTTP/1.1 404 "));
}

TEST(Router, a_method_that_a_path_has_not_is_told_those_that_it_has) {
    const std::string refused = heard("PUT /subjects/a/versions/1");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << refused;
    EXPECT_TRUE(refused.contains("\r\nAllow: GET, HEAD, DELETE\r\n")) << refused;
    EXPECT_TRUE(heard("GET /payment").contains("\r\nAllow: POST\r\n"));
}

TEST(Router, head_is_answered_as_get_without_its_body) {
    EXPECT_TRUE(heard("HEAD /").ends_with("Content-Length: 5\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(heard("HEAD /payment").starts_with("HTTP/1.1 405 "));
}

TEST(Router, an_answer_without_content_has_neither_type_nor_length) {
    EXPECT_EQ(heard("DELETE /subjects/a/versions/1"),
              "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(Router, what_a_handler_throws_is_the_message_of_status_500) {
    EXPECT_TRUE(heard("POST /payment", "fail").starts_with("HTTP/1.1 500 "));
    EXPECT_TRUE(heard("POST /payment", "fail").ends_with("\r\n\r\nno \"payment\"\n\n"))
        << "the server's own answers are text unless ServerOptions::error says otherwise";
}

TEST(Response, json_quotes_what_has_to_be_quoted) {
    EXPECT_EQ(json_quoted("a\"b\\c\nd\x01\xc3\xa9"), "\"a\\\"b\\\\c\\nd\\u0001\xc3\xa9\"");
}

TEST(Response, no_value_begins_a_header_of_its_own) {
    const auto server = Server::start({}, [](const Request&) {
        return Response{.content_type = "a\r\nb", .headers = {{"X", "y\r\nSet-Cookie: z"}}};
    });
    Client client((*server)->port());
    client.say("GET / HTTP/1.0\r\n\r\n");
    EXPECT_EQ(client.hear_all(),
              "HTTP/1.1 200 OK\r\nContent-Type: a  b\r\nContent-Length: 0\r\n"
              "X: y  Set-Cookie: z\r\nConnection: close\r\n\r\n");
}

}  // namespace
}  // namespace stoker::http
