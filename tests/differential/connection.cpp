#include "connection.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/big_endian.hpp"

namespace stoker::differential {

Connection::Connection(const std::string& address)
    : host_(address.substr(0, address.rfind(':'))),
      port_(uint16_t(std::stoi(address.substr(address.rfind(':') + 1)))) {}

Connection::~Connection() { close(); }

void Connection::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

void Connection::open() {
    if (socket_ >= 0) return;
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    timeval limit{.tv_sec = answer_time_max.count(), .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port_);
    if (::inet_pton(AF_INET, host_.c_str(), &where.sin_addr) != 1 ||
        ::connect(socket_, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0) {
        close();
        throw std::runtime_error("nobody listens at " + host_ + ":" + std::to_string(port_));
    }
}

bool Connection::write(ByteView bytes) {
    while (!bytes.empty()) {
        ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes = bytes.subspan(size_t(sent));
    }
    return true;
}

bool Connection::read(MutableByteView bytes) {
    while (!bytes.empty()) {
        ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
        if (got < 0 && errno == EAGAIN) {
            close();
            throw NoAnswer("no answer within " + std::to_string(answer_time_max.count()) + " s");
        }
        if (got <= 0) return false;
        bytes = bytes.subspan(size_t(got));
    }
    return true;
}

std::optional<Bytes> Connection::ask(ByteView frame) {
    open();
    if (!write(frame)) {
        close();
        return std::nullopt;
    }
    return receive();
}

std::optional<Bytes> Connection::receive() {
    std::byte size[4];
    if (socket_ < 0 || !read(size)) {
        close();
        return std::nullopt;
    }
    auto length = load_big_endian<uint32_t>(size);
    if (length > answer_size_max) throw std::runtime_error("an answer of absurd size");
    Bytes answer(length);
    if (!read(answer)) {
        close();
        return std::nullopt;
    }
    return answer;
}

void Connection::send(ByteView frame) {
    open();
    if (!write(frame)) close();
}

}  // namespace stoker::differential
