// What the tests of the server talk to it with: a socket that says what it is told, whole or byte
// by byte, and hears everything.
#pragma once

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace stoker::http {

class Client {
public:
    explicit Client(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
        const timeval limit{.tv_sec = 10, .tv_usec = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void say(std::string_view text) {
        while (!text.empty()) {
            const ssize_t n = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
            ASSERT_GT(n, 0);
            text.remove_prefix(size_t(n));
        }
    }
    /// Each byte is a packet of its own.
    void say_slowly(std::string_view text) {
        for (size_t i = 0; i < text.size(); ++i) say(text.substr(i, 1));
    }
    void hang_up() { ::shutdown(socket_, SHUT_WR); }
    /// Goes without a word: the server's next send is answered with a reset.
    void vanish() {
        const linger now{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        ::close(socket_);
        socket_ = -1;
    }
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

}  // namespace stoker::http
