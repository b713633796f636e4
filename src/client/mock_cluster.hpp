// MockCluster: librdkafka's own pretence of a cluster, in memory and inside this process, with a
// real TCP port. It lets a client program be tested without a broker, and it is the yardstick of
// the produce benchmark: what the same client reaches when the broker does almost nothing.
#pragma once

// rdkafka_mock.h insists on coming second.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <string>

#include "client/handle.hpp"

namespace stoker::client {

class MockCluster {
public:
    /// Starts at once on ports of the system's choice. Throws std::runtime_error if it cannot.
    explicit MockCluster(int brokers = 1);

    std::string bootstrap_servers() const;
    /// Unknown topics are otherwise created on demand with four partitions.
    void create_topic(const std::string& name, int partitions);
    /// The next request of this API is answered with `error`.
    void fail_next(int16_t api_key, rd_kafka_resp_err_t error);

    /// Broker `id` (from 1) refuses connections from now on, and closes those that it has.
    void stop_broker(int32_t id);

private:
    struct Deleter {
        void operator()(rd_kafka_mock_cluster_t* c) const { rd_kafka_mock_cluster_destroy(c); }
    };
    RdKafka owner_;  ///< the mock cluster runs on a thread of this otherwise idle client
    std::unique_ptr<rd_kafka_mock_cluster_t, Deleter> cluster_;
};

}  // namespace stoker::client
