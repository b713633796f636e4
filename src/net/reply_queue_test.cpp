#include "net/reply_queue.hpp"

#include <array>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "net/test_file.hpp"

namespace stoker::net {
namespace {

using testing::TestFile;

OutFrame text(std::string_view content) { return {.bytes = to_bytes(content)}; }

/// What a socket that takes `accepts()` bytes of every gathering receives in the end.
template <class Accepts>
std::string drain(ReplyQueue& queue, Accepts accepts, size_t scratch_size = 64) {
    std::string got;
    Bytes scratch(scratch_size);
    std::array<iovec, 8> pieces;
    while (queue.ready() && !queue.finished()) {
        auto next = queue.gather(pieces, scratch, 1 << 20);
        if (!next.error.empty()) return got + "<" + next.error + ">";
        if (next.cold) {
            Bytes data(std::min<size_t>(next.cold->size, 10));
            EXPECT_TRUE(next.cold->file->read(next.cold->position, data).has_value());
            queue.supply(std::move(data));
            continue;
        }
        size_t left = std::min(next.bytes, accepts());
        queue.advance([&] {
            size_t taken = 0;
            for (const iovec& piece : next.pieces) {
                const size_t n = std::min(left, piece.iov_len);
                got.append(static_cast<const char*>(piece.iov_base), n);
                left -= n;
                taken += n;
            }
            return taken;
        }());
    }
    return got;
}

std::string drain(ReplyQueue& queue) {
    return drain(queue, [] { return size_t{1} << 20; });
}

TEST(ReplyQueue, replies_leave_in_the_order_of_their_requests) {
    ReplyQueue queue;
    const auto a = queue.open(), b = queue.open(), c = queue.open();
    EXPECT_TRUE(queue.answer(c, text("c")));
    EXPECT_TRUE(queue.answer(b, text("b")));
    EXPECT_FALSE(queue.ready());
    EXPECT_TRUE(queue.answer(a, text("a")));
    EXPECT_EQ(drain(queue), "abc");
    EXPECT_TRUE(queue.empty());
}

TEST(ReplyQueue, a_frame_is_answered_once) {
    ReplyQueue queue;
    const auto a = queue.open(), b = queue.open();
    EXPECT_TRUE(queue.answer(b, text("b")));
    EXPECT_FALSE(queue.answer(b, text("again")));
    EXPECT_FALSE(queue.answer(b + 1, text("unknown")));
    EXPECT_TRUE(queue.answer(a, text("a")));
    drain(queue);
    EXPECT_FALSE(queue.answer(a, text("again")));
    EXPECT_TRUE(queue.answered(a));
}

TEST(ReplyQueue, an_empty_reply_lets_the_next_one_go) {
    ReplyQueue queue;
    const auto a = queue.open(), b = queue.open();
    EXPECT_TRUE(queue.answer(b, text("b")));
    EXPECT_TRUE(queue.answer(a, {}));
    EXPECT_EQ(drain(queue), "b");
}

TEST(ReplyQueue, counts_the_bytes_that_it_holds_and_not_the_slices) {
    ReplyQueue queue;
    const auto file = std::make_shared<TestFile>(testing::pattern(1 << 20));
    queue.answer(queue.open(), testing::spliced("head", file, "tail"));
    EXPECT_EQ(queue.bytes_held(), 12u);
    drain(queue);
    EXPECT_EQ(queue.bytes_held(), 0u);
}

TEST(ReplyQueue, nothing_leaves_after_a_reply_that_ends_the_connection) {
    ReplyQueue queue;
    const auto a = queue.open(), b = queue.open();
    OutFrame last = text("last");
    last.close_after = true;
    queue.answer(a, std::move(last));
    queue.answer(b, text("never"));
    EXPECT_EQ(drain(queue), "last");
    EXPECT_TRUE(queue.finished());
}

TEST(ReplyQueue, a_long_slice_is_handed_out_whole_once_what_is_before_it_is_sent) {
    ReplyQueue queue;
    const auto file = std::make_shared<TestFile>(testing::pattern(1000));
    queue.answer(queue.open(), testing::spliced("head", file, "tail"));
    Bytes scratch(64);
    std::array<iovec, 8> pieces;
    const auto before = queue.gather(pieces, scratch, 1 << 20, 500);
    EXPECT_EQ(before.bytes, 8u);
    EXPECT_TRUE(before.more);
    EXPECT_FALSE(before.direct);
    queue.advance(8);
    const auto slice = queue.gather(pieces, scratch, 1 << 20, 500).direct.value();
    EXPECT_EQ(slice.position, 0);
    EXPECT_EQ(slice.size, 1000u);
    queue.advance(400);
    EXPECT_EQ(queue.gather(pieces, scratch, 1 << 20, 500).direct.value().position, 400);
    queue.advance(200);  // what is left is short enough to be copied
    const auto rest = queue.gather(pieces, scratch, 1 << 20, 500);
    EXPECT_FALSE(rest.direct);
    EXPECT_EQ(rest.bytes, 64u);
}

/// A reply with slices before, between and after its bytes, one of them empty.
struct Mixed {
    std::shared_ptr<TestFile> file = std::make_shared<TestFile>(testing::pattern(1000));
    std::string expected;

    OutFrame frame() {
        const std::string all(text_of(content));
        expected = all.substr(0, 300) + "one" + all.substr(300, 7) + all.substr(500, 200) + "two" +
                   all.substr(999, 1);
        return {.bytes = to_bytes("onetwo"),
                .splices = {{.at = 0, .slices = {{file, 0, 300}}},
                            {.at = 3, .slices = {{file, 300, 7}, {file, 5, 0}, {file, 500, 200}}},
                            {.at = 6, .slices = {{file, 999, 1}}}}};
    }
    Bytes content = testing::pattern(1000);
};

TEST(ReplyQueue, splices_file_data_wherever_the_socket_stops) {
    Random random(20240607);
    for (int round = 0; round < 300; ++round) {
        ReplyQueue queue;
        Mixed mixed;
        queue.answer(queue.open(), mixed.frame());
        queue.answer(queue.open(), text("next"));
        const auto got = drain(queue, [&] { return random.below(150); });
        ASSERT_EQ(got, mixed.expected + "next") << "seed " << random.seed() << " round " << round;
    }
}

TEST(ReplyQueue, cold_data_is_asked_for_when_its_turn_comes_and_held_once) {
    Random random(20240608);
    for (int round = 0; round < 300; ++round) {
        ReplyQueue queue;
        Mixed mixed;
        mixed.file->cached_to = static_cast<int64_t>(random.below(1000));
        queue.answer(queue.open(), mixed.frame());
        queue.answer(queue.open(), text("next"));
        const auto got = drain(queue, [&] {
            EXPECT_LE(queue.bytes_held(), 10u + 10u);
            return random.below(150);
        });
        ASSERT_EQ(got, mixed.expected + "next") << "seed " << random.seed() << " round " << round;
    }
}

TEST(ReplyQueue, a_slice_that_cannot_be_read_is_an_error) {
    ReplyQueue queue;
    const auto file = std::make_shared<TestFile>(testing::pattern(10));
    file->broken = true;
    queue.answer(queue.open(), {.bytes = {}, .splices = {{.at = 0, .slices = {{file, 0, 10}}}}});
    EXPECT_EQ(drain(queue), "<read: EIO>");
}

TEST(ReplyQueue, a_file_that_ends_early_is_an_error) {
    ReplyQueue queue;
    const auto file = std::make_shared<TestFile>(testing::pattern(10));
    queue.answer(queue.open(), {.bytes = {}, .splices = {{.at = 0, .slices = {{file, 5, 10}}}}});
    EXPECT_NE(drain(queue).find("shorter than"), std::string::npos);
}

}  // namespace
}  // namespace stoker::net
