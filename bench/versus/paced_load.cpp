#include "bench/versus/paced_load.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <exception>
#include <memory>
#include <stdexcept>
#include <thread>

#include "base/clock.hpp"
#include "bench/versus/reader.hpp"
#include "bench/wire/kafka_wire.hpp"
#include "client/config.hpp"
#include "client/handle.hpp"

namespace stoker::bench {
namespace {

constexpr std::chrono::seconds answers_wait_max(30);
constexpr int poll_ms = 50;
/// Before the first record is due, so that the threads wait for it and not it for them.
constexpr int64_t head_start_ns = 50'000'000;

struct TopicDeleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};

class Run {
public:
    explicit Run(const PacedLoad& load)
        : load_(load),
          records_(static_cast<uint64_t>(load.rate * load.seconds)),
          first_measured_(
              static_cast<uint64_t>(static_cast<double>(records_) * load.warm_up_share)),
          interval_ns_(1e9 / load.rate) {
        auto config = client::connection_config("127.0.0.1:" + std::to_string(load.port), {});
        config.insert(config.end(), {{"acks", "all"},
                                     {"linger.ms", "0"},
                                     {"socket.nagle.disable", "true"},
                                     {"broker.address.family", "v4"}});
        auto conf = client::make_conf(config);
        if (!conf) throw std::runtime_error(conf.error().text);
        rd_kafka_conf_set_dr_msg_cb(
            *conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
                static_cast<Run*>(self)->acknowledge(*message);
            });
        auto rk = client::make_instance(RD_KAFKA_PRODUCER, *conf, this);
        if (!rk) throw std::runtime_error(rk.error().text);
        rk_ = std::move(*rk);
        topic_.reset(rd_kafka_topic_new(rk_.get(), load.topic.c_str(), nullptr));
        if (!topic_) throw std::runtime_error("librdkafka refuses topic " + load.topic);
    }

    PacedOutcome go() {
        std::unique_ptr<Reader> reader;
        if (load_.consume) {
            const int64_t end = ask_end_offset(load_.port, load_.topic);
            reader = std::make_unique<Reader>(load_.port, load_.topic, end);
        }
        begin_ns_ = clock_.monotonic_ns() + head_start_ns;
        std::jthread poller([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) rd_kafka_poll(rk_.get(), poll_ms);
        });
        std::jthread consumer;
        if (reader) consumer = std::jthread([&](const auto& stop) { consume(*reader, stop); });
        send_all();
        await_answers();
        poller.request_stop();
        poller.join();
        if (consumer.joinable()) consumer.join();
        if (failed_ > 0) throw std::runtime_error("records were not acknowledged");
        return std::move(outcome_);
    }

private:
    int64_t due_ns(uint64_t record) const {
        return begin_ns_ + static_cast<int64_t>(static_cast<double>(record) * interval_ns_);
    }

    void send_all() {
        std::string value(std::max(load_.record_size, sizeof(uint64_t)), 'x');
        for (uint64_t i = 0; i < records_; ++i) {
            const int64_t wait_ns = due_ns(i) - clock_.monotonic_ns();
            if (wait_ns > 0) std::this_thread::sleep_for(std::chrono::nanoseconds(wait_ns));
            std::memcpy(value.data(), &i, sizeof i);
            if (rd_kafka_produce(topic_.get(), 0, RD_KAFKA_MSG_F_COPY, value.data(), value.size(),
                                 nullptr, 0, nullptr) != 0) {
                throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
            }
        }
    }

    void await_answers() {
        const auto deadline = std::chrono::steady_clock::now() + answers_wait_max;
        const uint64_t consumed_wanted = load_.consume ? records_ : 0;
        while (answered_ < records_ || consumed_ < consumed_wanted) {
            if (consumer_failed_) std::rethrow_exception(failure_);
            if (std::chrono::steady_clock::now() > deadline) {
                throw std::runtime_error("records were not answered within half a minute");
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
    }

    /// Adds a record's latency to `series`, which one thread writes.
    void note(std::vector<double>& series, const rd_kafka_message_t& message) const {
        uint64_t record = 0;
        if (message.len < sizeof record) return;
        std::memcpy(&record, message.payload, sizeof record);
        if (record < first_measured_ || record >= records_) return;
        series.push_back(static_cast<double>(clock_.monotonic_ns() - due_ns(record)) / 1e3);
    }

    void acknowledge(const rd_kafka_message_t& message) {
        if (message.err) ++failed_;
        else note(outcome_.acknowledged_us, message);
        ++answered_;
    }

    void consume(Reader& reader, const std::stop_token& stop) {
        const auto take = [this](const rd_kafka_message_t& message) {
            note(outcome_.consumed_us, message);
            ++consumed_;
        };
        try {
            while (consumed_ < records_ && !stop.stop_requested()) reader.read(take);
        } catch (const std::exception&) {
            // For the thread that waits for what was to be consumed.
            failure_ = std::current_exception();
            consumer_failed_ = true;
        }
    }

    const PacedLoad& load_;
    const SystemClock clock_;
    const uint64_t records_;
    const uint64_t first_measured_;
    const double interval_ns_;
    int64_t begin_ns_ = 0;
    PacedOutcome outcome_;
    std::atomic<uint64_t> answered_ = 0;
    std::atomic<uint64_t> failed_ = 0;
    std::atomic<uint64_t> consumed_ = 0;
    std::exception_ptr failure_;  // written before consumer_failed_
    std::atomic<bool> consumer_failed_ = false;
    client::RdKafka rk_;
    std::unique_ptr<rd_kafka_topic_t, TopicDeleter> topic_;  // destroyed before rk_
};

}  // namespace

PacedOutcome run(const PacedLoad& load) { return Run(load).go(); }

}  // namespace stoker::bench
