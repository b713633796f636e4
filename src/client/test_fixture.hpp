// For tests only: the fixture of every test that starts a librdkafka instance. g++ 12's thread
// sanitizer does not see threads made by C11's thrd_create, as librdkafka makes its own, and
// crashes in the first of them; such tests are skipped there.
#pragma once

#include <gtest/gtest.h>

namespace stoker::client {

class LibrdkafkaTest : public testing::Test {
protected:
    void SetUp() override {
#ifdef __SANITIZE_THREAD__
        GTEST_SKIP() << "librdkafka's threads are unknown to the thread sanitizer";
#endif
    }
};

}  // namespace stoker::client
