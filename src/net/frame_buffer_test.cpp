#include "net/frame_buffer.hpp"

#include <gtest/gtest.h>

namespace stoker::net {
namespace {

FrameBuffer buffer_of(size_t capacity) {
    FrameBuffer buffer;
    buffer.reserve(capacity);
    return buffer;
}

TEST(FrameBuffer, growing_keeps_what_is_in_it) {
    FrameBuffer buffer;
    buffer.append(bytes_of("abc"));
    buffer.reserve(1 << 20);
    buffer.append(bytes_of("def"));
    EXPECT_EQ(text_of(buffer.view()), "abcdef");
}

TEST(FrameBuffer, removing_the_front_keeps_the_rest) {
    FrameBuffer buffer;
    buffer.append(bytes_of("abcdef"));
    buffer.remove_front(4);
    EXPECT_EQ(text_of(buffer.view()), "ef");
    buffer.remove_front(2);
    EXPECT_TRUE(buffer.empty());
}

TEST(BufferCache, gives_back_a_buffer_that_is_large_enough) {
    BufferCache cache;
    cache.give(buffer_of(1 << 20), 0);
    EXPECT_EQ(cache.take(2 << 20).capacity(), 0u);
    EXPECT_GE(cache.take(1 << 20).capacity(), size_t{1} << 20);
    EXPECT_EQ(cache.take(1 << 20).capacity(), 0u);
}

TEST(BufferCache, does_not_lend_large_buffers_to_small_frames) {
    BufferCache cache;
    cache.give(buffer_of(1 << 20), 0);
    EXPECT_EQ(cache.take(100).capacity(), 0u);
}

TEST(BufferCache, keeps_no_more_than_its_limit_and_drops_the_oldest) {
    BufferCache cache;
    for (int i = 0; i < 100; ++i) cache.give(buffer_of(256 << 10), 0);
    EXPECT_LE(cache.bytes(), BufferCache::total_max);
    cache.give(buffer_of(BufferCache::total_max), 0);
    EXPECT_EQ(cache.bytes(), BufferCache::total_max);
    EXPECT_EQ(cache.take(BufferCache::total_max).capacity(), BufferCache::total_max);
    cache.give(buffer_of(BufferCache::total_max + 1), 0);
    EXPECT_TRUE(cache.empty());
}

TEST(BufferCache, gives_unused_memory_back_to_the_system) {
    BufferCache cache;
    cache.give(buffer_of(1 << 20), 1000);
    cache.trim(1000 + BufferCache::unused_max_ms - 1);
    EXPECT_FALSE(cache.empty());
    cache.trim(1000 + BufferCache::unused_max_ms);
    EXPECT_TRUE(cache.empty());
    EXPECT_EQ(cache.bytes(), 0u);
}

}  // namespace
}  // namespace stoker::net
