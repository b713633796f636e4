#include "http/server.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace stoker::http {
namespace {

/// A client that says what it is told and hears everything.
class Client {
public:
    explicit Client(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void say(std::string_view text) {
        EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL), ssize_t(text.size()));
    }
    void hang_up() { ::shutdown(socket_, SHUT_WR); }
    /// Until the server closes.
    std::string hear_all() {
        std::string heard;
        while (hear(heard)) {}
        return heard;
    }
    /// Until it ends with that.
    std::string hear_until(std::string_view end) {
        std::string heard;
        while (!heard.ends_with(end) && hear(heard)) {}
        return heard;
    }

private:
    bool hear(std::string& heard) {
        std::array<char, 65536> bytes;
        const ssize_t n = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (n > 0) heard.append(bytes.data(), size_t(n));
        return n > 0;
    }
    int socket_;
};

Response answer(const Request& request) {
    if (request.path == "/fails") throw std::runtime_error("it failed");
    if (request.path == "/large")
        return {.body = std::make_shared<const std::string>(4 << 20, 'x')};
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
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n"),
              "HTTP/1.1 413 Content Too Large");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
              "HTTP/1.1 501 Not Implemented");
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

TEST(HttpServer, a_taken_port_is_a_sentence_that_names_the_option) {
    const auto server = started();
    const auto second =
        Server::start({.port = server->port(), .option = "--override metrics.port=…"}, answer);
    ASSERT_FALSE(second);
    EXPECT_TRUE(second.error().contains("--override metrics.port=…")) << second.error();
}

TEST(Request, names_of_headers_are_found_in_any_case) {
    const auto parsed =
        parse_request("GET http://host/path HTTP/1.1\r\nAccept: text/plain \r\n\r\n");
    ASSERT_TRUE(parsed && *parsed);
    EXPECT_EQ((*parsed)->request.path, "/path");
    EXPECT_EQ((*parsed)->request.header("aCCept"), "text/plain");
    EXPECT_EQ((*parsed)->request.header("Host"), std::nullopt);
}

}  // namespace
}  // namespace stoker::http
