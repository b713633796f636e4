#include "bench/wire/socket.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>

#include "base/big_endian.hpp"

namespace stoker::bench {
namespace {

constexpr size_t prefix_size = 4;

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + (errno == 0 ? "closed" : std::strerror(errno)));
}

void receive_all(int socket, MutableByteView into) {
    while (!into.empty()) {
        const ssize_t n = ::recv(socket, into.data(), into.size(), 0);
        if (n == 0) errno = 0;
        if (n <= 0) fail("the server's connection");
        into = into.subspan(static_cast<size_t>(n));
    }
}

}  // namespace

Socket::Socket(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        fail("connecting to 127.0.0.1:" + std::to_string(port));
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Socket::~Socket() {
    if (socket_ >= 0) ::close(socket_);
}

void Socket::set_blocking(bool blocking) {
    const int flags = ::fcntl(socket_, F_GETFL);
    ::fcntl(socket_, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
}

void Socket::send_all(ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) fail("sending to the server");
        bytes = bytes.subspan(static_cast<size_t>(n));
    }
}

MutableByteView Socket::receive_frame(Bytes& buffer) {
    std::byte prefix[prefix_size];
    receive_all(socket_, prefix);
    const auto size = static_cast<size_t>(load_big_endian<int32_t>(prefix));
    if (buffer.size() < size) buffer.resize(size);
    const MutableByteView frame = MutableByteView(buffer).first(size);
    receive_all(socket_, frame);
    return frame;
}

}  // namespace stoker::bench
