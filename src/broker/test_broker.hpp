// A whole broker in one thread for tests: memory for a disk, a clock that moves when told, and a
// client that encodes requests as a real one does.
#pragma once

#include <gtest/gtest.h>

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "broker/broker.hpp"
#include "record/builder.hpp"
#include "storage/memory_disk.hpp"

namespace stoker::broker {

/// Collects the answers of one session.
class Answers final : public net::ReplySink {
public:
    void deliver(uint64_t number, net::Answer&& answer) override {
        answers_[number] = std::move(answer);
    }
    /// Nothing while the request waits.
    net::Answer* find(uint64_t number) {
        auto found = answers_.find(number);
        return found == answers_.end() ? nullptr : &found->second;
    }

private:
    std::map<uint64_t, net::Answer> answers_;
};

class TestBroker {
public:
    explicit TestBroker(ConfigMap properties = {}, uint64_t seed = 42)
        : properties_(std::move(properties)), random_(seed) {
        open();
    }

    /// The process dies and starts again: what reached the page cache is there.
    void kill_and_restart() {
        end();
        disk_ = disk_->clone();
        open();
    }
    /// The machine loses its power, and the broker starts when it is back.
    void power_cut(storage::Loss loss) {
        end();
        ++boots_;
        disk_ = disk_->after_power_cut(random_, loss);
        open();
    }
    void stop_and_restart() {
        stop();
        disk_ = disk_->clone();
        open();
    }
    /// In good order; then start() is all that may be called.
    void stop() {
        broker_.reset();
        EXPECT_TRUE(logs_->stop());
        logs_.reset();
    }
    /// On another disk, whatever state it is in. Why not, when the broker will not.
    std::expected<void, std::string> start(std::unique_ptr<storage::MemoryDisk> disk) {
        end();
        disk_ = std::move(disk);
        return try_open();
    }

    /// Sends a request; the answer comes now or later (answer()).
    template <protocol::Message Request>
    uint64_t send(const Request& request, int16_t version) {
        Bytes frame = protocol::encode_request(int32_t(++last_), "test", request, version);
        MutableByteView body = MutableByteView(frame).subspan(sizeof(int32_t));
        next_[last_] = broker_->handle(peer_, body, net::Responder(answers_, last_));
        return last_;
    }
    /// The session hands over nothing more before this one is answered.
    bool holds_session(uint64_t number) { return next_.at(number) == net::Next::after_reply; }
    /// A frame as it is, without its size.
    uint64_t send_bytes(Bytes frame) {
        broker_->handle(peer_, frame, net::Responder(answers_, ++last_));
        return last_;
    }
    bool answered(uint64_t number) { return answers_->find(number) != nullptr; }
    net::Answer& raw_answer(uint64_t number) { return *answers_->find(number); }

    template <protocol::Message Response>
    Response answer(uint64_t number, int16_t version) {
        net::Answer* answer = answers_->find(number);
        if (answer == nullptr || answer->kind != net::Answer::Kind::reply) {
            ADD_FAILURE() << Response::api.name << " version " << version << ": "
                          << (answer ? answer->reason : "no answer");
            return {};
        }
        frames_[number] = whole(answer->frame);
        MutableByteView frame = MutableByteView(frames_[number]).subspan(sizeof(int32_t));
        auto parsed = protocol::read_response_header(frame, Response::api, version);
        return protocol::decode<Response>(parsed.body, version);
    }
    template <protocol::Message Response, protocol::Message Request>
    Response ask(const Request& request, int16_t version) {
        return answer<Response>(send(request, version), version);
    }

    /// Who sends from now on: "User:ann".
    void become(std::string principal) { peer_.principal = std::move(principal); }

    /// Who sends, from the next request on.
    net::Peer& peer() { return peer_; }
    Broker& broker() { return *broker_; }
    ManualClock& clock() { return clock_; }
    storage::LogManager& logs() { return *logs_; }
    storage::MemoryDisk& disk() { return *disk_; }

private:
    void end() {
        broker_.reset();
        logs_.reset();
    }
    void open() {
        const auto opened = try_open();
        ASSERT_TRUE(opened) << opened.error();
    }
    std::expected<void, std::string> try_open() {
        auto configs =
            ConfigStore::create({.properties = properties_, .defaults = {{"log.dirs", "/data"}}});
        if (!configs) return std::unexpected(configs.error());
        configs_.emplace(std::move(*configs));
        auto logs = storage::LogManager::open(
            *disk_, clock_, random_, {.folder = "/data", .boot_id = std::to_string(boots_)});
        if (!logs) return std::unexpected(logs.error());
        logs_ = std::move(*logs);
        auto broker = Broker::open(*logs_, *configs_, clock_, random_, {});
        if (!broker) return std::unexpected(broker.error());
        broker_ = std::move(*broker);
        return {};
    }

    /// The reply as the client receives it: the slices read into their places.
    static Bytes whole(const net::OutFrame& frame) {
        Bytes bytes;
        size_t at = 0;
        for (const auto& splice : frame.splices) {
            bytes.insert(bytes.end(), frame.bytes.begin() + ptrdiff_t(at),
                         frame.bytes.begin() + ptrdiff_t(splice.at));
            at = splice.at;
            for (const auto& slice : splice.slices) {
                Bytes part(slice.size);
                EXPECT_EQ(slice.file->read(slice.position, part).value_or(0), slice.size);
                bytes.insert(bytes.end(), part.begin(), part.end());
            }
        }
        bytes.insert(bytes.end(), frame.bytes.begin() + ptrdiff_t(at), frame.bytes.end());
        return bytes;
    }

    ConfigMap properties_;
    std::unique_ptr<storage::MemoryDisk> disk_ = std::make_unique<storage::MemoryDisk>();
    ManualClock clock_;
    Random random_;
    int boots_ = 1;
    std::optional<ConfigStore> configs_;
    std::unique_ptr<storage::LogManager> logs_;
    std::unique_ptr<Broker> broker_;
    net::Peer peer_{.session_id = 1,
                    .address = "127.0.0.1",
                    .port = 40000,
                    .listener = "PLAINTEXT",
                    .local_address = "127.0.0.1",
                    .local_port = 9092};
    std::shared_ptr<Answers> answers_ = std::make_shared<Answers>();
    std::map<uint64_t, net::Next> next_;
    std::map<uint64_t, Bytes> frames_;  // decoded Records point into them
    uint64_t last_ = 0;
};

/// One batch of records with these values.
inline Bytes batch_of(std::initializer_list<std::string_view> values, int64_t timestamp_ms,
                      record::BatchBuilder::Options options = {}) {
    record::BatchBuilder builder(options);
    for (std::string_view value : values)
        builder.append(timestamp_ms, std::nullopt, bytes_of(value));
    return std::move(builder).build();
}

}  // namespace stoker::broker
