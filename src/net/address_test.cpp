#include "net/address.hpp"

#include <gtest/gtest.h>

namespace stoker::net {
namespace {

TEST(Address, only_this_machine_reaches_the_loopback) {
    for (const char* host : {"127.0.0.1", "127.1.2.3", "localhost", "::1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const char* host : {"", "0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.com", "127.1"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace stoker::net
