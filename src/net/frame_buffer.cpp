#include "net/frame_buffer.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/check.hpp"

namespace stoker::net {

FrameBuffer& FrameBuffer::operator=(FrameBuffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
}

FrameBuffer::~FrameBuffer() { std::free(data_); }

void FrameBuffer::reserve(size_t capacity) {
    if (capacity <= capacity_) return;
    // realloc moves large blocks by their page tables, not by copying.
    auto* moved = static_cast<std::byte*>(std::realloc(data_, capacity));
    if (moved == nullptr) throw std::bad_alloc();
    data_ = moved;
    capacity_ = capacity;
}

void FrameBuffer::append(ByteView bytes) {
    if (bytes.empty()) return;
    reserve(size_ + bytes.size());
    std::memcpy(data_ + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
}

void FrameBuffer::remove_front(size_t n) {
    STOKER_CHECK(n <= size_, "no more than there is");
    if (n != 0 && n < size_) std::memmove(data_, data_ + n, size_ - n);
    size_ -= n;
}

FrameBuffer BufferCache::take(size_t capacity) {
    const auto fits = std::find_if(kept_.begin(), kept_.end(),
                                   [&](auto& b) { return b.capacity() >= capacity; });
    if (capacity < large || fits == kept_.end()) return {};
    FrameBuffer buffer = std::move(*fits);
    kept_.erase(fits);
    bytes_ -= buffer.capacity();
    return buffer;
}

void BufferCache::give(FrameBuffer buffer, int64_t now_ms) {
    used_ms_ = now_ms;
    if (buffer.capacity() < large || buffer.capacity() > total_max) return;
    while (bytes_ + buffer.capacity() > total_max) {
        bytes_ -= kept_.front().capacity();
        kept_.erase(kept_.begin());
    }
    buffer.clear();
    bytes_ += buffer.capacity();
    kept_.push_back(std::move(buffer));
}

void BufferCache::trim(int64_t now_ms) {
    if (kept_.empty() || now_ms - used_ms_ < unused_max_ms) return;
    kept_.clear();
    bytes_ = 0;
}

}  // namespace stoker::net
