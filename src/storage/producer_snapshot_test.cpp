#include "storage/producer_snapshot.hpp"

#include <gtest/gtest.h>

namespace stoker::storage {
namespace {

/// Written by ProducerStateManager.writeSnapshot of Apache Kafka 4.3.0 for two_producers().
constexpr std::string_view golden =
    "000193ac85c8000000020000000000000005000200000009000000000000006d000000090000018bcfe5687bffffff"
    "ffffffffffffffffff00000000ee6b28010000ffffffffffffffffffffffff000000000000018bcfe56be700000007"
    "000000000000004d";

std::vector<ProducerEntry> two_producers() {
    ProducerEntry with_batch{.id = ProducerId{5},
                             .epoch = 2,
                             .batch_count = 1,
                             .last_timestamp_ms = 1'700'000'000'123};
    with_batch.batches[0] = {9, Offset{109}, 9, 1'700'000'000'123};
    const ProducerEntry in_transaction{.id = ProducerId{4'000'000'001},
                                       .epoch = 0,
                                       .coordinator_epoch = 7,
                                       .last_timestamp_ms = 1'700'000'000'999,
                                       .transaction_start = Offset{77}};
    return {with_batch, in_transaction};
}

TEST(ProducerSnapshot, the_bytes_are_apache_kafkas) {
    EXPECT_EQ(hex(encode_producer_snapshot(two_producers())), golden);
    EXPECT_EQ(hex(encode_producer_snapshot({})), "000148674bc700000000");
}

TEST(ProducerSnapshot, what_apache_kafka_wrote_is_read) {
    EXPECT_EQ(decode_producer_snapshot(from_hex(golden)), two_producers());
}

TEST(ProducerSnapshot, any_flipped_bit_and_any_other_length_is_noticed) {
    const Bytes good = from_hex(golden);
    for (size_t at = 0; at < good.size(); ++at) {
        Bytes bad = good;
        bad[at] ^= std::byte(1);
        EXPECT_EQ(decode_producer_snapshot(bad), std::nullopt) << at;
        EXPECT_EQ(decode_producer_snapshot(ByteView(good).first(at)), std::nullopt) << at;
    }
    Bytes longer = good;
    longer.push_back(std::byte(0));
    EXPECT_EQ(decode_producer_snapshot(longer), std::nullopt);
}

}  // namespace
}  // namespace stoker::storage
