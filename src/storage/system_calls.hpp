// The loops around read and write calls that POSIX leaves to the caller: a call that a signal
// interrupts starts again, a write that the kernel cut short goes on. Apart from PosixDisk so that
// tests can interrupt and shorten them.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <concepts>
#include <cstddef>
#include <expected>

namespace stoker::storage {

/// Repeats `call` for as long as it answers -1 with EINTR.
template <std::invocable Call>
auto retry_interrupted(Call call) {
    for (;;) {
        const auto result = call();
        if (result != -1 || errno != EINTR) return result;
    }
}

/// `transfer(done)` moves bytes from the `done`-th on and answers like pread or pwrite. Repeats it
/// until all `size` bytes are moved or it answers 0; the bytes moved, or the errno.
template <std::invocable<size_t> Transfer>
std::expected<size_t, int> transfer_all(size_t size, Transfer transfer) {
    size_t done = 0;
    while (done < size) {
        const ssize_t moved = retry_interrupted([&] { return transfer(done); });
        if (moved < 0) return std::unexpected(errno);
        if (moved == 0) break;
        done += static_cast<size_t>(moved);
    }
    return done;
}

}  // namespace stoker::storage
