// stoker-floor-server: what a broker cannot do without, and nothing else. One thread a connection,
// blocking calls.
//
//     stoker-floor-server append FILE        frame, CRC32C, write(2), answer
//     stoker-floor-server append-sync FILE   the same; one fdatasync for all frames that have come
//     stoker-floor-server serve FILE         pread + write of stretches of FILE
//
// A frame is a 4-byte size and so many bytes. append answers a frame of 8 bytes. A request to serve
// is a position and a size, 8 bytes each; the answer is a frame of that stretch. It prints
// "floor ready at PORT" and runs until it is killed.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/crc32c.hpp"

namespace {

using stoker::Bytes;
using stoker::ByteView;
using stoker::load_big_endian;
using stoker::store_big_endian;

constexpr size_t prefix_size = 4;
constexpr size_t buffer_size = 4 << 20;
constexpr size_t ack_size = prefix_size + 8;

bool send_all(int socket, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes = bytes.subspan(static_cast<size_t>(n));
    }
    return true;
}

void write_all(int file, ByteView bytes) {
    if (::write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) return;
    std::perror("write");
    std::exit(1);
}

/// Handles the complete frames in `bytes`; returns how many bytes they took.
size_t append_frames(ByteView bytes, int file, Bytes& acks) {
    size_t done = 0;
    while (bytes.size() - done >= prefix_size) {
        const auto size = static_cast<size_t>(load_big_endian<int32_t>(bytes.data() + done));
        if (size > buffer_size - prefix_size) std::exit(2);
        if (bytes.size() - done < prefix_size + size) break;
        const ByteView payload = bytes.subspan(done + prefix_size, size);
        const uint32_t crc = stoker::crc32c(payload);
        write_all(file, payload);
        const size_t at = acks.size();
        acks.resize(at + ack_size);
        store_big_endian<int32_t>(acks.data() + at, 8);
        store_big_endian<int64_t>(acks.data() + at + prefix_size, crc);
        done += prefix_size + size;
    }
    return done;
}

void append(int socket, int file, bool sync) {
    Bytes buffer(buffer_size);
    Bytes acks;
    size_t have = 0;
    while (true) {
        const ssize_t n = ::recv(socket, buffer.data() + have, buffer.size() - have, 0);
        if (n <= 0) break;
        have += static_cast<size_t>(n);
        acks.clear();
        const size_t done = append_frames(ByteView(buffer).first(have), file, acks);
        if (sync && done > 0 && ::fdatasync(file) != 0) std::exit(3);
        if (!send_all(socket, acks)) break;
        std::memmove(buffer.data(), buffer.data() + done, have - done);
        have -= done;
    }
    ::close(socket);
}

void serve(int socket, int file) {
    Bytes request(prefix_size + 16);
    Bytes buffer(prefix_size + (16 << 20));
    while (::recv(socket, request.data(), request.size(), MSG_WAITALL) ==
           static_cast<ssize_t>(request.size())) {
        const auto position = load_big_endian<int64_t>(request.data() + 4);
        const auto size = static_cast<size_t>(load_big_endian<int64_t>(request.data() + 12));
        if (size > buffer.size() - prefix_size) break;
        const ssize_t n = ::pread(file, buffer.data() + prefix_size, size, position);
        if (n < 0) break;
        store_big_endian(buffer.data(), static_cast<int32_t>(n));
        if (!send_all(socket, ByteView(buffer).first(prefix_size + static_cast<size_t>(n)))) break;
    }
    ::close(socket);
}

int listen_anywhere() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener, any, size) != 0 || ::listen(listener, 64) != 0) {
        std::perror("listen");
        std::exit(1);
    }
    ::getsockname(listener, any, &size);
    std::printf("floor ready at %d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return listener;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string mode = argc == 3 ? argv[1] : "";
    if (mode != "append" && mode != "append-sync" && mode != "serve") {
        std::fprintf(stderr, "usage: stoker-floor-server append|append-sync|serve FILE\n");
        return 2;
    }
    const int access = mode == "serve" ? O_RDONLY : O_WRONLY | O_CREAT | O_APPEND;
    const int file = ::open(argv[2], access | O_CLOEXEC, 0644);
    if (file < 0) {
        std::perror(argv[2]);
        return 1;
    }
    const int listener = listen_anywhere();
    while (true) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (mode == "serve") std::thread(serve, socket, file).detach();
        else std::thread(append, socket, file, mode == "append-sync").detach();
    }
}
