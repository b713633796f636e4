// One librdkafka instance (rd_kafka_t) with the two events that every instance has: errors of the
// connection and log lines. Producer and Consumer each hold one and add their own.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "client/config.hpp"

namespace stoker::client {

struct RdKafkaDeleter {
    void operator()(rd_kafka_t* rk) const { rd_kafka_destroy(rk); }
};
using RdKafka = std::unique_ptr<rd_kafka_t, RdKafkaDeleter>;

/// Called on the thread that polls.
using OnError = std::function<void(const Error&)>;

/// Asked while something blocks: true ends the waiting.
using Stopped = std::function<bool()>;

/// Makes an instance whose callbacks get `opaque`; librdkafka's own log lines are dropped, because
/// what matters arrives as errors. `conf` is consumed whatever happens.
Outcome<RdKafka> make_instance(rd_kafka_type_t type, rd_kafka_conf_t* conf, void* opaque);

/// What the connection's errors said so far; kept apart because librdkafka's last word is always
/// "all brokers are down", which helps nobody.
struct Trouble {
    std::optional<Error> reason;  ///< the last specific one
    bool no_broker_up = false;

    void note(const Error& error);
};

/// Waits until a broker of the cluster has answered, serving callbacks meanwhile. `trouble` is read
/// in between: a refusal ends the waiting at once, no broker being up after no_broker_grace, in
/// which librdkafka tries the other addresses of each name.
Outcome<void> await_broker(rd_kafka_t* rk, std::chrono::milliseconds timeout,
                           const Trouble& trouble, const Stopped& stopped);

inline constexpr std::chrono::milliseconds no_broker_grace{1'500};

}  // namespace stoker::client
