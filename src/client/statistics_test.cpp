#include "client/statistics.hpp"

#include <gtest/gtest.h>

namespace stoker::client {
namespace {

TEST(Statistics, brokers_and_topics_are_added_up) {
    const Statistics told = parse_statistics(R"({
        "tx_bytes": 1000,
        "brokers": {
            "a:1/1": {"state": "UP", "waitresp_cnt": 2, "txretries": 3,
                      "rtt": {"cnt": 4, "sum": 400, "max": 150},
                      "int_latency": {"cnt": 5, "sum": 50, "max": 20}},
            "b:1/2": {"state": "DOWN", "waitresp_cnt": 1, "txretries": 0,
                      "rtt": {"cnt": 1, "sum": 900, "max": 900}}},
        "topics": {"t": {"batchsize": {"cnt": 2, "sum": 600, "max": 400}}}})");
    EXPECT_EQ(told.bytes_sent, 1000);
    EXPECT_EQ(told.connections, 1);
    EXPECT_EQ(told.requests_in_flight, 3);
    EXPECT_EQ(told.requests_retried, 3);
    EXPECT_EQ(told.round_trip.count, 5);
    EXPECT_EQ(told.round_trip.sum_us, 1300);
    EXPECT_EQ(told.round_trip.max_us, 900);
    EXPECT_EQ(told.queued.sum_us, 50);
    EXPECT_EQ(told.batches, 2);
    EXPECT_EQ(told.batch_bytes, 600);
}

TEST(Statistics, what_is_not_there_or_something_else_counts_nothing) {
    for (const char* json : {"", "[]", "{", R"({"tx_bytes": "many", "brokers": [1, 2],
                             "topics": {"t": 5}, "cgrp": null})"}) {
        const Statistics told = parse_statistics(json);
        EXPECT_EQ(told.bytes_sent, 0) << json;
        EXPECT_EQ(told.round_trip.count, 0) << json;
    }
}

}  // namespace
}  // namespace stoker::client
