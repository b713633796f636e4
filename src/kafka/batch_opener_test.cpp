#include "kafka/batch_opener.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "record/builder.hpp"

namespace stoker::kafka {
namespace {

/// Bytes of one batch with one record, which stay where they are.
std::shared_ptr<const Bytes> batch_of(const std::string& value, record::Codec codec) {
    record::BatchBuilder builder({.codec = codec});
    builder.append(1000, std::nullopt, bytes_of(value));
    return std::make_shared<const Bytes>(std::move(builder).build());
}

record::BatchView view_of(const Bytes& bytes) {
    return {.header = *record::parse_header(bytes), .bytes = bytes};
}

std::string value_of(OpenedBatch opened) {
    if (!opened) return opened.error() == BatchDamage::checksum ? "checksum" : "compression";
    auto record = opened->next();
    return record && *record ? std::string(text_of(*(*record)->value)) : "no record";
}

TEST(BatchOpener, hands_every_batch_out_whoever_opens_it) {
    BatchOpener opener(true);
    const uint64_t seed = Random().next();
    SCOPED_TRACE(seed);
    Random random(seed);
    std::vector<std::pair<std::string, BatchOpener::Ticket>> waiting;
    for (int i = 0; i < 2000; ++i) {
        std::string value(1 + random.below(3000), char('a' + random.below(26)));
        value += std::to_string(i);
        auto bytes = batch_of(value, random.below(2) ? record::Codec::gzip : record::Codec::none);
        waiting.emplace_back(value, opener.add(view_of(*bytes), bytes));
        for (size_t taken = random.below(3); taken > 0 && !waiting.empty(); --taken) {
            if (random.below(10) == 0) opener.drop(waiting.front().second);
            else ASSERT_EQ(value_of(opener.take(waiting.front().second)), waiting.front().first);
            waiting.erase(waiting.begin());
        }
    }
    for (auto& [value, ticket] : waiting) ASSERT_EQ(value_of(opener.take(ticket)), value);
}

TEST(BatchOpener, rests_when_it_is_far_ahead_and_goes_on) {
    BatchOpener opener(true);
    const std::string value(BatchOpener::ahead_max / 2, 'x');
    std::vector<BatchOpener::Ticket> tickets;
    for (int i = 0; i < 20; ++i) {
        auto bytes = batch_of(value, record::Codec::none);
        tickets.push_back(opener.add(view_of(*bytes), bytes));
    }
    for (auto& ticket : tickets) EXPECT_EQ(value_of(opener.take(ticket)), value);
}

TEST(BatchOpener, says_what_is_damaged) {
    for (const bool checks : {true, false}) {
        BatchOpener opener(checks);
        auto bytes = std::make_shared<Bytes>(*batch_of("hello", record::Codec::gzip));
        (*bytes)[bytes->size() - 9] ^= std::byte{0xff};
        EXPECT_EQ(value_of(opener.take(opener.add(view_of(*bytes), bytes))),
                  checks ? "checksum" : "compression");
    }
}

TEST(BatchOpener, ends_with_batches_that_nobody_took) {
    auto bytes = batch_of(std::string(100'000, 'y'), record::Codec::gzip);
    std::weak_ptr<const Bytes> watched = bytes;
    {
        BatchOpener opener(true);
        for (int i = 0; i < 50; ++i) opener.add(view_of(*bytes), bytes);
        bytes.reset();
    }
    EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace stoker::kafka
