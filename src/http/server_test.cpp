#include "http/server.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "http/metrics_endpoint.hpp"
#include "http/test_client.hpp"

namespace stoker::http {
namespace {

Response answer(const Request& request) {
    if (request.path == "/fails") throw std::runtime_error("it failed");
    if (request.path == "/large")
        return {.body = std::make_shared<const std::string>(4 << 20, 'x')};
    if (request.path == "/body") return text_response(200, std::string(request.body));
    if (request.path == "/size") return text_response(200, std::to_string(request.body.size()));
    return text_response(200, std::string(request.path) + '|' + std::string(request.query));
}

std::unique_ptr<Server> started(ServerOptions options = {}) {
    auto server = Server::start(std::move(options), answer);
    EXPECT_TRUE(server) << server.error();
    return std::move(*server);
}

std::string status_of(const std::string& sent) {
    const auto server = started();
    Client client(server->port());
    client.say(sent);
    client.hang_up();
    const std::string heard = client.hear_all();
    return heard.substr(0, heard.find('\r'));
}

TEST(HttpServer, a_request_is_answered_and_the_connection_kept_for_the_next) {
    const auto server = started();
    Client client(server->port());
    client.say("GET /metrics?a=b HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(client.hear_until("/metrics|a=b\n"),
              "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
              "Content-Length: 13\r\n\r\n/metrics|a=b\n");
    client.say("GET /again HTTP/1.1\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.hear_all().ends_with("Connection: close\r\n\r\n/again|\n"));
}

TEST(HttpServer, requests_that_come_together_or_in_pieces_are_answered_in_order) {
    const auto server = started();
    Client client(server->port());
    client.say("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGE");
    client.hear_until("/2|\n");
    client.say("T /3 HTT");
    client.say("P/1.0\r\n\r\n");
    EXPECT_TRUE(client.hear_all().ends_with("Connection: close\r\n\r\n/3|\n"));
}

TEST(HttpServer, a_large_answer_arrives_whole_and_its_head_alone_to_a_head) {
    const auto server = started();
    Client client(server->port());
    client.say("HEAD /large HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(client.hear_until("\r\n\r\n").contains("Content-Length: 4194304\r\n"));
    client.say("GET /large HTTP/1.0\r\n\r\n");
    const std::string heard = client.hear_all();
    EXPECT_EQ(heard.size() - heard.find("\r\n\r\n") - 4, size_t{4} << 20);
}

TEST(HttpServer, what_is_no_request_is_refused_with_its_status) {
    EXPECT_EQ(status_of("nonsense\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nno header\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status_of(std::string("GET /\0 HTTP/1.1\r\n\r\n", 19)), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(status_of("GET / HTTP/2.0\r\n\r\n"), "HTTP/1.1 505 HTTP Version Not Supported");
    EXPECT_EQ(status_of("GET /fails HTTP/1.1\r\n\r\n"), "HTTP/1.1 500 Internal Server Error");
}

TEST(HttpServer, a_head_has_a_largest_size_and_a_largest_number_of_lines) {
    constexpr std::string_view refused = "HTTP/1.1 431 Request Header Fields Too Large";
    EXPECT_EQ(status_of("GET /" + std::string(head_size_max, 'x')), refused);
    std::string lines = "GET / HTTP/1.1\r\n";
    for (size_t i = 0; i < headers_max; ++i) lines += "a: b\r\n";
    EXPECT_EQ(status_of(lines + "\r\n"), "HTTP/1.1 200 OK");
    EXPECT_EQ(status_of(lines + "a: b\r\n\r\n"), refused);
}

TEST(HttpServer, a_body_comes_with_its_length_or_in_chunks) {
    const auto server = started();
    Client client(server->port());
    client.say("POST /body HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_TRUE(client.hear_until("hello\n").ends_with("Content-Length: 6\r\n\r\nhello\n"));
    client.say("PUT /body HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n");
    client.say("2\r\nlo\r\n0\r\n\r\nGET /body HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
    EXPECT_TRUE(client.hear_until("{}\n").contains("\r\n\r\nhello\nHTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, a_request_in_pieces_of_one_byte_is_the_same_request) {
    const auto server = started();
    Client client(server->port());
    client.say_slowly("POST /body HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                      "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nc: d\r\n\r\n");
    EXPECT_TRUE(client.hear_until("hello\n").ends_with("\r\n\r\nhello\n"));
    client.say_slowly("POST /body HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello");
    EXPECT_TRUE(client.hear_until("hello\n").ends_with("\r\n\r\nhello\n"));
}

TEST(HttpServer, a_body_has_a_largest_size) {
    const auto server = started({.option = "", .body_max = 1000});
    const auto answer_to = [&](const std::string& request) {
        Client client(server->port());
        client.say(request);
        client.hang_up();
        return client.hear_all();
    };
    const std::string most(1000, 'x');
    const std::string head = "POST /size HTTP/1.1\r\nContent-Length: ";
    EXPECT_TRUE(answer_to(head + "1000\r\n\r\n" + most).ends_with("\r\n\r\n1000\n"));
    const std::string refused = answer_to(head + "1001\r\n\r\n" + most + "x");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 413 Content Too Large\r\n")) << refused;
    EXPECT_TRUE(refused.contains("\r\nConnection: close\r\n")) << refused;
    EXPECT_TRUE(answer_to("POST /size HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n")
                    .starts_with("HTTP/1.1 413 "));
}

TEST(HttpServer, who_is_refused_while_he_sends_hears_why) {
    const auto server = started();
    Client client(server->port());
    client.say("POST /size HTTP/1.1\r\nContent-Length: 4194304\r\n\r\n");
    client.say(std::string(size_t{4} << 20, 'x'));
    client.hang_up();
    EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServer, a_request_behind_one_that_is_refused_is_not_looked_at) {
    const auto server = started();
    Client client(server->port());
    client.say("POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
               "0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n");
    client.hang_up();
    const std::string heard = client.hear_all();
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 400 Bad Request\r\n")) << heard;
    EXPECT_TRUE(heard.ends_with("Connection: close\r\n\r\nBad Request\n")) << heard;
}

TEST(HttpServer, who_waits_to_be_told_is_told_to_send_his_body) {
    const auto server = started();
    Client client(server->port());
    const std::string head = "POST /body HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: ";
    client.say(head + "2\r\n\r\n");
    EXPECT_EQ(client.hear_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    client.say("{}");
    EXPECT_TRUE(client.hear_until("{}\n").starts_with("HTTP/1.1 200 OK\r\n"));
    client.say(head + "2\r\n\r\n{}");
    EXPECT_TRUE(client.hear_until("{}\n").starts_with("HTTP/1.1 200 OK\r\n"));
    client.say(head + "9999999\r\n\r\n");
    client.hang_up();
    EXPECT_TRUE(client.hear_all().starts_with("HTTP/1.1 413 "));
}

TEST(HttpServer, a_body_has_a_time_of_its_own) {
    const auto server = started({.option = "", .body_ms = 20});
    Client client(server->port());
    client.say("POST /body HTTP/1.1\r\nContent-Length: 5\r\n\r\nhell");
    const std::string heard = client.hear_until("Timeout\n");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << heard;
    EXPECT_TRUE(heard.contains("\r\nConnection: close\r\n")) << heard;
}

TEST(HttpServer, an_old_client_that_asks_for_it_keeps_its_connection) {
    const auto server = started();
    Client client(server->port());
    client.say("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_TRUE(client.hear_until("/1|\n").contains("\r\nConnection: keep-alive\r\n"));
    client.say("GET /2 HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(client.hear_all().ends_with("Connection: close\r\n\r\n/2|\n"));
}

TEST(HttpServer, errors_are_told_in_the_programs_own_words) {
    const auto server = started({.option = "", .error = json_error});
    Client client(server->port());
    client.say("GET /fails HTTP/1.1\r\n\r\nnonsense\r\n");
    client.hang_up();
    const std::string heard = client.hear_all();
    EXPECT_TRUE(heard.contains(R"({"error_code":500,"message":"it failed"})")) << heard;
    EXPECT_TRUE(heard.contains(R"({"error_code":400,"message":"Bad Request"})")) << heard;
}

TEST(HttpServer, two_hundred_connections_are_served_together) {
    const auto server = started({.option = "", .connections_max = 200});
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<Client>(server->port()));
    for (int round = 0; round < 3; ++round) {
        for (const auto& client : clients)
            client->say("POST /body HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
        for (const auto& client : clients)
            EXPECT_TRUE(client->hear_until("{}\n").starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

TEST(HttpServer, who_has_been_quiet_for_longest_makes_room) {
    const auto server = started({.option = "", .connections_max = 1});
    Client first(server->port());
    first.say("GET /1 HTTP/1.1\r\n\r\n");
    first.hear_until("/1|\n");
    Client second(server->port());
    second.say("GET /2 HTTP/1.1\r\n\r\n");
    second.hear_until("/2|\n");
    EXPECT_EQ(first.hear_all(), "");
}

TEST(HttpServer, who_does_not_complete_a_request_in_time_is_left) {
    const auto server = started({.option = "", .request_ms = 20});
    Client client(server->port());
    client.say("GET /slow HTTP/1.1\r\n");
    EXPECT_EQ(client.hear_all(), "");
}

TEST(HttpServer, what_serves_metrics_is_only_read) {
    const auto text = std::make_shared<const std::string>("up 1\n");
    const auto server = serve_metrics({}, [text] { return text; });
    ASSERT_TRUE(server);
    Client client((*server)->port());
    client.say("POST /metrics HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}");
    const std::string refused = client.hear_until("here\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 405 Method Not Allowed\r\n")) << refused;
    EXPECT_TRUE(refused.contains("\r\nAllow: GET, HEAD\r\n")) << refused;
    client.say("GET /metrics HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(client.hear_until("up 1\n").starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, a_taken_port_is_a_sentence_that_names_the_option) {
    const auto server = started();
    const auto second =
        Server::start({.port = server->port(), .option = "--override metrics.port=…"}, answer);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().contains("--override metrics.port=…")) << second.error();
}

}  // namespace
}  // namespace stoker::http
