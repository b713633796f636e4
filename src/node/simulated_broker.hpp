// A whole broker in one thread, for tests of faults: its disk is in memory, loses power, fills up
// and fails when told, and what it answers is seen at the very moment at which it answers.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broker/broker.hpp"
#include "broker/topic_settings.hpp"
#include "record/batch.hpp"
#include "storage/faulty_disk.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::node {

/// Hands each answer to whoever asked, inside the broker's call that gives it.
class AnswerSink final : public net::ReplySink {
public:
    using Listener = std::function<void(net::Answer&)>;

    void expect(uint64_t number, Listener listener) { listeners_[number] = std::move(listener); }
    void deliver(uint64_t number, net::Answer&& answer) override {
        auto listener = listeners_.extract(number);
        if (listener) listener.mapped()(answer);
    }
    size_t waiting() const { return listeners_.size(); }
    /// The machine is gone: what it still says is heard by nobody.
    void forget_all() { listeners_.clear(); }

private:
    std::map<uint64_t, Listener> listeners_;
};

/// Offset -> value of all that a log holds; nothing when it cannot be read.
inline std::optional<std::map<int64_t, std::string>> values_of(storage::Log& log) {
    constexpr size_t size_max = 1 << 20;
    std::map<int64_t, std::string> values;
    for (Offset from = log.start_offset(); from < log.end_offset();) {
        auto found = log.read({.from = from, .max_bytes = size_max});
        if (!found) return std::nullopt;
        // After torn writes a log may end with offsets that no record has.
        if (found->size == 0) break;
        Bytes bytes;
        for (const auto& slice : found->slices) {
            Bytes part(slice.size);
            if (slice.file->read(slice.position, part).value_or(0) != part.size()) return {};
            bytes.insert(bytes.end(), part.begin(), part.end());
        }
        record::BatchReader batches(bytes);
        auto batch = batches.next();
        for (; batch && *batch; batch = batches.next()) {
            auto visited = record::for_each_record(
                **batch, size_max, [&](const record::RecordView& record) {
                    values[raw(record.offset)] = text_of(record.value.value_or(ByteView{}));
                });
            if (!visited) return std::nullopt;
        }
        if (!batch) return std::nullopt;
        from = found->next;
    }
    return values;
}

/// One life of a broker on a disk that outlives it.
class SimulatedBroker {
public:
    /// `random` and `clock` outlive it; open() before anything else.
    SimulatedBroker(storage::MemoryDisk& disk, broker::ConfigMap properties, ManualClock& clock,
                    Random& random)
        : disk_(disk), properties_(std::move(properties)), clock_(clock), random_(random) {}
    ~SimulatedBroker() { sink_->forget_all(); }
    SimulatedBroker(const SimulatedBroker&) = delete;
    SimulatedBroker& operator=(const SimulatedBroker&) = delete;

    /// Starts it as a node is started; the error is the sentence that a user sees.
    std::expected<void, std::string> open() {
        auto configs = broker::ConfigStore::create(
            {.properties = properties_, .defaults = {{"log.dirs", "/data"}}});
        if (!configs) return std::unexpected(configs.error());
        configs_.emplace(std::move(*configs));
        auto logs = storage::LogManager::open(
            faulty_, clock_, random_,
            {.folder = "/data", .defaults = broker::topic_settings(*configs_, {}).log});
        if (!logs) return std::unexpected(logs.error());
        logs_ = std::move(*logs);
        auto broker = broker::Broker::open(*logs_, *configs_, clock_, random_, {});
        if (!broker) return std::unexpected(broker.error());
        broker_ = std::move(*broker);
        return {};
    }

    /// `heard` gets the response when it comes, nullptr when the connection is closed instead.
    template <protocol::Message Response, protocol::Message Request>
    void send(const Request& request, int16_t version,
              std::function<void(const Response*)> heard) {
        sink_->expect(++last_, [version, heard = std::move(heard)](net::Answer& answer) {
            if (answer.kind != net::Answer::Kind::reply) return heard(nullptr);
            MutableByteView frame = MutableByteView(answer.frame.bytes).subspan(sizeof(int32_t));
            auto parsed = protocol::read_response_header(frame, Response::api, version);
            const auto response = protocol::decode<Response>(parsed.body, version);
            heard(&response);
        });
        Bytes frame = protocol::encode_request(int32_t(last_), "test", request, version);
        MutableByteView body = MutableByteView(frame).subspan(sizeof(int32_t));
        broker_->handle(peer_, body, net::Responder(sink_, last_));
    }
    /// The response, when it comes before the storage threads' queue is empty.
    template <protocol::Message Response, protocol::Message Request>
    std::optional<Response> ask(const Request& request, int16_t version) {
        std::optional<Response> got;
        send<Response>(request, version, [&got](const Response* response) {
            if (response != nullptr) got = *response;
        });
        work();
        return got;
    }

    /// What the storage threads would do: all of it, or one piece.
    void work() {
        while (logs_->do_work()) continue;
    }
    void work_once() { (void)logs_->do_work(); }
    size_t waiting() const { return sink_->waiting(); }

    broker::Broker& broker() { return *broker_; }
    storage::LogManager& logs() { return *logs_; }
    storage::FaultyDisk& faulty() { return faulty_; }

private:
    storage::MemoryDisk& disk_;
    storage::FaultyDisk faulty_{disk_};
    broker::ConfigMap properties_;
    ManualClock& clock_;
    Random& random_;
    std::shared_ptr<AnswerSink> sink_ = std::make_shared<AnswerSink>();
    std::optional<broker::ConfigStore> configs_;
    std::unique_ptr<storage::LogManager> logs_;
    std::unique_ptr<broker::Broker> broker_;
    net::Peer peer_{.session_id = 1,
                    .address = "127.0.0.1",
                    .port = 40000,
                    .listener = "PLAINTEXT",
                    .local_address = "127.0.0.1",
                    .local_port = 9092};
    uint64_t last_ = 0;
};

}  // namespace stoker::node
