// A librdkafka consumer of one partition, without a group, that hands out whole batches: what the
// library costs less than its record-by-record way, so that the server is what is measured.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "client/handle.hpp"

namespace stoker::bench {

class Reader {
public:
    /// Partition 0 from `offset` on. Throws std::runtime_error when no broker answers.
    Reader(uint16_t port, const std::string& topic, int64_t offset);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// Waits a little for the next records and passes each of them. Throws std::runtime_error for
    /// what the server answered instead.
    void read(const std::function<void(const rd_kafka_message_t&)>& take);

private:
    struct QueueDeleter {
        void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
    };

    client::Trouble trouble_;
    client::RdKafka rk_;
    std::unique_ptr<rd_kafka_queue_t, QueueDeleter> queue_;  // destroyed before rk_
};

}  // namespace stoker::bench
