#include "bench/wire/promise_load.hpp"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/error_code.hpp"
#include "base/random.hpp"
#include "bench/wire/socket.hpp"
#include "protocol/message_io.hpp"
#include "protocol/messages/00_produce.hpp"
#include "protocol/messages/10_find_coordinator.hpp"
#include "protocol/messages/22_init_producer_id.hpp"
#include "protocol/messages/26_end_txn.hpp"
#include "record/builder.hpp"

namespace stoker::bench {
namespace {

// The last with a topic's name, and the first with transactions of version 2.
constexpr int16_t produce_version = 12;
constexpr int16_t find_coordinator_version = 3;
constexpr int16_t init_producer_id_version = 5;
constexpr int16_t end_txn_version = 5;
constexpr int64_t timestamp_ms = 1'700'000'000'000;
constexpr int32_t request_timeout_ms = 30'000;
constexpr int8_t of_transactions = 1;
constexpr auto coordinator_wait = std::chrono::milliseconds(20);
constexpr int coordinator_tries = 500;
constexpr auto client_id = "stoker-bench";

void require(ErrorCode error, const char* what) {
    if (error != ErrorCode::none)
        throw std::runtime_error(fmt::format("{} failed: {}", what, name(error)));
}

class Producer {
public:
    Producer(const PromiseLoad& load, int32_t number)
        : load_(load), partition_{number}, socket_(load.port), value_(load.record_size) {
        Random random(1);
        for (auto& byte : value_) byte = static_cast<std::byte>(random.next());
        if (load.promise == Promise::transactions)
            transactional_id_ = fmt::format("{}-{}", load.topic, number);
        if (load.promise != Promise::none) begin_session();
    }

    /// How many records were acknowledged.
    uint64_t go() {
        const int64_t until = clock_.monotonic_ns() + static_cast<int64_t>(load_.seconds * 1e9);
        const uint64_t bytes_max = load_.bytes_max / static_cast<uint64_t>(load_.producers);
        uint64_t records = 0;
        int64_t open = 0;  // records of the transaction
        while (clock_.monotonic_ns() < until && records * load_.record_size < bytes_max) {
            const int32_t sent = send();
            records += static_cast<uint64_t>(sent);
            open += sent;
            if (under_way_ == load_.window) receive();
            if (load_.promise != Promise::transactions) continue;
            if (open < load_.transaction_records) continue;
            commit();
            open = 0;
        }
        if (open > 0 && load_.promise == Promise::transactions) commit();
        while (under_way_ > 0) receive();
        return records;
    }

private:
    template <class Response, class Request>
    Response ask(const Request& request, int16_t version) {
        socket_.send_all(protocol::encode_request(1, client_id, request, version));
        return answer<Response>(version);
    }

    template <class Response>
    Response answer(int16_t version) {
        const auto frame = protocol::read_response_header(socket_.receive_frame(buffer_),
                                                          Response::api, version);
        return protocol::decode<Response>(frame.body, version);
    }

    /// It is the broker, once it has made its topic.
    void await_coordinator() {
        const protocol::FindCoordinatorRequest request{.key = *transactional_id_,
                                                       .key_type = of_transactions};
        for (int i = 0; i < coordinator_tries; ++i) {
            const auto found =
                ask<protocol::FindCoordinatorResponse>(request, find_coordinator_version);
            if (found.error_code == ErrorCode::none) return;
            std::this_thread::sleep_for(coordinator_wait);
        }
        throw std::runtime_error("there is no transaction coordinator");
    }

    void begin_session() {
        if (transactional_id_) await_coordinator();
        const protocol::InitProducerIdRequest request{.transactional_id = transactional_id_,
                                                      .transaction_timeout_ms = 60'000};
        const auto session =
            ask<protocol::InitProducerIdResponse>(request, init_producer_id_version);
        require(session.error_code, "InitProducerId");
        producer_id_ = session.producer_id;
        epoch_ = session.producer_epoch;
        sequence_ = 0;
    }

    int32_t send() {
        record::BatchBuilder builder({.producer_id = producer_id_,
                                      .producer_epoch = epoch_,
                                      .base_sequence = sequence_,
                                      .transactional = transactional_id_.has_value()});
        do builder.append(timestamp_ms, std::nullopt, value_);
        while (builder.size_bound() + load_.record_size < load_.batch_size);
        const int32_t records = builder.record_count();
        if (load_.promise != Promise::none) sequence_ += records;
        Bytes batch = std::move(builder).build();
        protocol::ProduceRequest request{.transactional_id = transactional_id_,
                                         .acks = -1,
                                         .timeout_ms = request_timeout_ms};
        auto& data = request.topic_data.emplace_back();
        data.name = load_.topic;
        data.partition_data.push_back(
            {.index = partition_, .records = protocol::Records{.bytes = batch}});
        socket_.send_all(protocol::encode_request(1, client_id, request, produce_version));
        ++under_way_;
        return records;
    }

    void receive() {
        const auto response = answer<protocol::ProduceResponse>(produce_version);
        --under_way_;
        for (const auto& topic : response.responses) {
            for (const auto& partition : topic.partition_responses)
                require(partition.error_code, "Produce");
        }
    }

    void commit() {
        while (under_way_ > 0) receive();
        const protocol::EndTxnRequest request{.transactional_id = *transactional_id_,
                                              .producer_id = producer_id_,
                                              .producer_epoch = epoch_,
                                              .committed = true};
        const auto done = ask<protocol::EndTxnResponse>(request, end_txn_version);
        require(done.error_code, "EndTxn");
        producer_id_ = done.producer_id;
        epoch_ = done.producer_epoch;
        sequence_ = 0;
    }

    const PromiseLoad& load_;
    const PartitionId partition_;
    const SystemClock clock_;
    Socket socket_;
    Bytes value_;
    Bytes buffer_;
    std::optional<std::string> transactional_id_;
    ProducerId producer_id_ = ProducerId::none;
    int16_t epoch_ = record::no_producer_epoch;
    int32_t sequence_ = record::no_sequence;
    size_t under_way_ = 0;
};

}  // namespace

PromiseOutcome run(const PromiseLoad& load) {
    std::vector<std::unique_ptr<Producer>> producers;
    for (int32_t number = 0; number < load.producers; ++number)
        producers.push_back(std::make_unique<Producer>(load, number));
    if (load.on_begin) load.on_begin();
    const SystemClock clock;
    const int64_t begin = clock.monotonic_ns();
    std::vector<std::future<uint64_t>> counts;
    for (const auto& one : producers)
        counts.push_back(std::async(std::launch::async, &Producer::go, one.get()));
    PromiseOutcome outcome;
    for (auto& count : counts) outcome.records += count.get();
    outcome.seconds = static_cast<double>(clock.monotonic_ns() - begin) / 1e9;
    if (load.on_end) load.on_end();
    return outcome;
}

}  // namespace stoker::bench
