// Buffers for frames that arrive in pieces, and a small cache of large ones.
//
// A fresh megabyte costs 256 page faults; a producer that sends a megabyte a request would pay them
// each time, so each io thread keeps a few buffers for the next large frame.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.hpp"

namespace stoker::net {

/// Bytes that grow without being zeroed. Move-only.
class FrameBuffer {
public:
    FrameBuffer() = default;
    FrameBuffer(FrameBuffer&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)),
          size_(std::exchange(other.size_, 0)),
          capacity_(std::exchange(other.capacity_, 0)) {}
    FrameBuffer& operator=(FrameBuffer&& other) noexcept;
    ~FrameBuffer();

    std::byte* data() { return data_; }
    const std::byte* data() const { return data_; }
    size_t size() const { return size_; }
    size_t capacity() const { return capacity_; }
    bool empty() const { return size_ == 0; }
    MutableByteView view() { return {data_, size_}; }
    /// What lies behind the size, to be filled and then counted with grew_by().
    MutableByteView room() { return {data_ + size_, capacity_ - size_}; }

    void reserve(size_t capacity);
    void append(ByteView bytes);
    void grew_by(size_t n) { size_ += n; }
    void remove_front(size_t n);
    void clear() { size_ = 0; }

private:
    std::byte* data_ = nullptr;
    size_t size_ = 0;
    size_t capacity_ = 0;
};

/// One a thread.
class BufferCache {
public:
    static constexpr size_t large = 64 << 10;      // smaller ones are not worth keeping
    static constexpr size_t total_max = 4 << 20;   // bytes kept
    static constexpr int64_t unused_max_ms = 2000;  // then they go back to the system

    /// An empty buffer that already has `capacity`, or one without memory.
    FrameBuffer take(size_t capacity);
    /// Keeps it or frees it.
    void give(FrameBuffer buffer, int64_t now_ms);
    /// Frees what nobody has used for a while.
    void trim(int64_t now_ms);
    bool empty() const { return kept_.empty(); }
    size_t bytes() const { return bytes_; }

private:
    std::vector<FrameBuffer> kept_;
    size_t bytes_ = 0;
    int64_t used_ms_ = 0;
};

}  // namespace stoker::net
