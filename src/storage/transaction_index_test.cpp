#include "storage/transaction_index.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "storage/memory_disk.hpp"

namespace stoker::storage {
namespace {

/// Written by TransactionIndex.append of Apache Kafka 4.3.0 for three_transactions().
constexpr std::string_view golden =
    "00000000000000000005000000000000005a00000000000000780000000000000079"
    "000000000000ee6b2801000000000000006e0000000000000082000000000000007d"
    "00000000000000000007000000000000007d000000000000008c000000000000008d";

constexpr Offset base{100};
constexpr Offset end{141};

std::vector<AbortedTransaction> three_transactions() {
    return {{ProducerId{5}, Offset{90}, Offset{120}, Offset{121}},
            {ProducerId{4'000'000'001}, Offset{110}, Offset{130}, Offset{125}},
            {ProducerId{7}, Offset{125}, Offset{140}, Offset{141}}};
}

class IndexOnDisk {
public:
    explicit IndexOnDisk(ByteView bytes) : size(int64_t(bytes.size())) {
        file = disk.open("/i.txnindex", OpenMode::create).value();
        (void)file->write(0, bytes);
    }
    AbortedSearch find(int64_t from, int64_t up_to) {
        return find_aborted_transactions(*file, size, Offset{from}, Offset{up_to}, true).value();
    }
    bool plausible() { return is_plausible_transaction_index(*file, size, base, end).value(); }

    MemoryDisk disk;
    std::shared_ptr<File> file;
    int64_t size;
};

TEST(TransactionIndex, the_bytes_are_apache_kafkas) {
    EXPECT_EQ(hex(encode_aborted_transactions(three_transactions())), golden);
}

TEST(TransactionIndex, what_overlaps_a_range_is_what_apache_kafka_finds_in_it) {
    IndexOnDisk index(from_hex(golden));
    struct Case {
        int64_t from;
        int64_t up_to;
        std::vector<int64_t> producers;
        bool complete;
    };
    // As TransactionIndex.collectAbortedTxns answered.
    for (const Case& each : std::vector<Case>{{0, 95, {5}, true},
                                              {0, 111, {5}, true},
                                              {0, 122, {5, 4'000'000'001}, true},
                                              {0, 126, {5, 4'000'000'001, 7}, true},
                                              {0, 200, {5, 4'000'000'001, 7}, false},
                                              {121, 95, {}, true},
                                              {121, 122, {4'000'000'001}, true},
                                              {121, 126, {4'000'000'001, 7}, true},
                                              {131, 122, {}, true},
                                              {131, 126, {7}, true},
                                              {131, 200, {7}, false},
                                              {141, 200, {}, false}}) {
        const AbortedSearch search = index.find(each.from, each.up_to);
        std::vector<int64_t> producers;
        for (const auto& found : search.found) producers.push_back(raw(found.producer));
        EXPECT_EQ(producers, each.producers) << each.from << " to " << each.up_to;
        EXPECT_EQ(search.complete, each.complete) << each.from << " to " << each.up_to;
    }
}

TEST(TransactionIndex, thousands_of_entries_are_found_from_the_right_one_on) {
    std::vector<AbortedTransaction> many;
    for (int64_t i = 0; i < 5'000; ++i) {
        many.push_back({ProducerId{i}, Offset{3 * i}, Offset{3 * i + 2}, Offset{3 * i + 3}});
    }
    IndexOnDisk index(encode_aborted_transactions(many));
    for (const int64_t at : {0, 1, 255, 256, 257, 4'998, 4'999}) {
        const AbortedSearch search = index.find(3 * at, 3 * at + 3);
        ASSERT_EQ(search.found.size(), 1u) << at;
        EXPECT_EQ(search.found.front(), many[size_t(at)]);
        EXPECT_TRUE(search.complete);
    }
}

TEST(TransactionIndex, what_cannot_be_right_is_noticed) {
    const Bytes good = from_hex(golden);
    EXPECT_TRUE(IndexOnDisk(good).plausible());
    EXPECT_TRUE(IndexOnDisk(Bytes{}).plausible());
    for (size_t size = 1; size < good.size(); ++size) {
        const bool whole = size % aborted_transaction_size == 0;
        EXPECT_EQ(IndexOnDisk(ByteView(good).first(size)).plausible(), whole) << size;
    }
    auto broken = [](auto change) {
        auto transactions = three_transactions();
        change(transactions);
        return !IndexOnDisk(encode_aborted_transactions(transactions)).plausible();
    };
    EXPECT_TRUE(broken([](auto& t) { t[0].last = Offset{99}; })) << "before the segment";
    EXPECT_TRUE(broken([](auto& t) { t[2].last = end; })) << "behind the segment";
    EXPECT_TRUE(broken([](auto& t) { t[1].last = t[0].last; })) << "not in order";
    EXPECT_TRUE(broken([](auto& t) { t[1].first = t[1].last; })) << "ends before it begins";
    EXPECT_TRUE(broken([](auto& t) { t[1].last_stable = Offset{120}; })) << "stable goes back";
    EXPECT_TRUE(broken([](auto& t) { t[2].last_stable = Offset{142}; })) << "stable too far";
    EXPECT_TRUE(broken([](auto& t) { t[0].producer = ProducerId::none; }));
    Bytes newer = good;
    newer[1] = std::byte(1);
    EXPECT_FALSE(IndexOnDisk(newer).plausible());
}

}  // namespace
}  // namespace stoker::storage
