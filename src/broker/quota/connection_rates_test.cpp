#include "broker/quota/connection_rates.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace stoker::broker {
namespace {

QuotaMap quota(std::optional<std::string> ip, double rate) {
    QuotaMap quotas;
    quotas[{{quota_ip, std::move(ip)}}] = {{"connection_creation_rate", rate}};
    return quotas;
}

int admitted(ConnectionRates& rates, const std::string& address, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i) count += rates.admits(address) ? 1 : 0;
    return count;
}

TEST(ConnectionRates, an_address_has_its_own_limit_or_that_of_all_others) {
    ManualClock clock;
    ConnectionRates rates(clock, {});
    EXPECT_EQ(admitted(rates, "10.0.0.1", 1000), 1000);
    QuotaMap quotas = quota("10.0.0.1", 2);
    quotas.merge(quota(std::nullopt, 5));
    rates.set(quotas);
    EXPECT_EQ(admitted(rates, "10.0.0.1", 100), 20);  // all windows but the last for granted
    EXPECT_EQ(admitted(rates, "10.0.0.2", 100), 50);
    clock.advance_ms(60'000);
    EXPECT_TRUE(rates.admits("10.0.0.1"));
    rates.set({});
    EXPECT_EQ(admitted(rates, "10.0.0.1", 1000), 1000);
    EXPECT_EQ(rates.remembered(), 0u);
}

TEST(ConnectionRates, an_address_is_the_same_however_it_is_written) {
    ManualClock clock;
    ConnectionRates rates(clock, {});
    rates.set(quota("0:0:0:0:0:0:0:1", 1));
    EXPECT_EQ(admitted(rates, "::1", 100), 10);
    rates.set(quota("localhost", 1));
    EXPECT_EQ(admitted(rates, "127.0.0.1", 100), 10);
}

TEST(ConnectionRates, of_all_together_make_the_listeners_pause) {
    ManualClock clock;
    ConnectionRates rates(clock, {});
    EXPECT_EQ(rates.pause_ms("", std::numeric_limits<int32_t>::max()), 0);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(rates.pause_ms("", 1), 0);
    EXPECT_GT(rates.pause_ms("", 1), 0);
    clock.advance_ms(60'000);
    EXPECT_EQ(rates.pause_ms("", 1), 0);
}

TEST(ConnectionRates, a_listener_has_a_rate_of_its_own) {
    ManualClock clock;
    ConnectionRates rates(clock, {});
    for (int i = 0; i < 10; ++i) EXPECT_EQ(rates.pause_ms("OUTSIDE", 1), 0);
    EXPECT_GT(rates.pause_ms("OUTSIDE", 1), 0);
    EXPECT_EQ(rates.pause_ms("INSIDE", 1), 0);
    EXPECT_EQ(rates.pause_ms("", 1), 0);
}

TEST(ConnectionRates, at_a_rate_of_nothing_each_connection_costs_a_pause) {
    ManualClock clock;
    ConnectionRates rates(clock, {});
    EXPECT_EQ(rates.pause_ms("", 0), QuotaWindows{}.window_ms);
}

TEST(ConnectionRates, many_addresses_do_not_fill_the_memory) {
    ManualClock clock;
    ConnectionRates rates(clock, {});
    rates.set(quota(std::nullopt, 1));
    for (int i = 0; i < 30'000; ++i) rates.admits("a" + std::to_string(i));
    EXPECT_LE(rates.remembered(), 10'000u);
}

}  // namespace
}  // namespace stoker::broker
