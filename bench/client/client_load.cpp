#include "bench/client/client_load.hpp"

#include <memory>
#include <stdexcept>

#include "base/clock.hpp"
#include "client/config.hpp"
#include "client/handle.hpp"

namespace stoker::bench {
namespace {

constexpr uint64_t warm_up_records = 20'000;
constexpr uint64_t poll_every = 1'000;
constexpr int flush_max_ms = 60'000;
constexpr int queue_full_wait_ms = 10;

struct TopicDeleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

class Run {
public:
    explicit Run(const ClientLoad& load) : load_(load), value_(load.record_size, 'x') {
        client::Security security;
        if (!load.ca_file.empty()) security.protocol = "SSL";
        security.ssl_ca_file = load.ca_file;
        client::Config config =
            client::connection_config("127.0.0.1:" + std::to_string(load.port), security);
        config.insert(config.end(), {{"acks", "all"},
                                     {"linger.ms", std::to_string(load.linger_ms)},
                                     {"queue.buffering.max.messages", "500000"},
                                     {"broker.address.family", "v4"},
                                     // Its own default: it is the library that is measured.
                                     {"socket.nagle.disable", "false"}});
        if (load.idempotent) config.emplace_back("enable.idempotence", "true");
        if (load.in_flight_max > 0)
            config.emplace_back("max.in.flight", std::to_string(load.in_flight_max));
        auto conf = client::make_conf(config);
        if (!conf) throw std::runtime_error(conf.error().text);
        rd_kafka_conf_set_dr_msg_cb(
            *conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
                auto* run = static_cast<Run*>(self);
                ++(message->err ? run->failed_ : run->acknowledged_);
            });
        auto rk = client::make_instance(RD_KAFKA_PRODUCER, *conf, this);
        if (!rk) throw std::runtime_error(rk.error().text);
        rk_ = std::move(*rk);
        topic_.reset(rd_kafka_topic_new(rk_.get(), load.topic.c_str(), nullptr));
        if (!topic_) throw std::runtime_error("librdkafka refuses topic " + load.topic);
    }

    ClientOutcome go() {
        for (uint64_t i = 0; i < warm_up_records; ++i) produce();
        flush();
        acknowledged_ = 0;
        if (load_.on_begin) load_.on_begin();
        const int64_t begin = clock_.monotonic_ns();
        const auto duration_ns = static_cast<int64_t>(load_.seconds * 1e9);
        uint64_t sent = 0;
        while (sent < load_.records_max) {
            produce();
            if (++sent % poll_every != 0) continue;
            rd_kafka_poll(rk_.get(), 0);
            if (clock_.monotonic_ns() - begin >= duration_ns) break;
        }
        flush();
        const int64_t end = clock_.monotonic_ns();
        if (load_.on_end) load_.on_end();
        if (failed_ > 0 || acknowledged_ != sent) {
            throw std::runtime_error(std::to_string(sent - acknowledged_) +
                                     " records were not acknowledged");
        }
        return {.records = sent, .seconds = static_cast<double>(end - begin) / 1e9};
    }

private:
    void produce() {
        const int32_t partition = load_.all_partitions ? RD_KAFKA_PARTITION_UA : 0;
        while (rd_kafka_produce(topic_.get(), partition, RD_KAFKA_MSG_F_COPY, value_.data(),
                                value_.size(), nullptr, 0, nullptr) != 0) {
            const auto error = rd_kafka_last_error();
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                throw std::runtime_error(rd_kafka_err2str(error));
            }
            rd_kafka_poll(rk_.get(), queue_full_wait_ms);
        }
    }

    void flush() {
        if (rd_kafka_flush(rk_.get(), flush_max_ms) != RD_KAFKA_RESP_ERR_NO_ERROR) {
            throw std::runtime_error("the records were not acknowledged within a minute");
        }
    }

    const ClientLoad& load_;
    const SystemClock clock_;
    std::string value_;
    uint64_t acknowledged_ = 0;
    uint64_t failed_ = 0;
    client::RdKafka rk_;
    std::unique_ptr<rd_kafka_topic_t, TopicDeleter> topic_;  // destroyed before rk_
};

}  // namespace

ClientOutcome run(const ClientLoad& load) { return Run(load).go(); }

}  // namespace stoker::bench
