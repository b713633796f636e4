// What must hold for any requests in any order: a whole broker in memory takes them, answers each
// of them once at most, and starts again on what they have left behind.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/big_endian.hpp"
#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/crc32c.hpp"
#include "broker/handler.hpp"
#include "broker/test_broker.hpp"
#include "protocol/messages/00_produce.hpp"
#include "record/batch_format.hpp"

namespace stoker::broker {

// A step is a byte that is an API key, one that chooses the version, two that say how long the body
// is, and the body; or one of these bytes, and for `wait` the seconds.
inline constexpr uint8_t step_wait = 0xfd;
inline constexpr uint8_t step_kill = 0xfe;
inline constexpr uint8_t step_stop = 0xff;

/// Takes the steps of an input off its front.
class Steps {
public:
    explicit Steps(ByteView input) : rest_(input) {}

    bool empty() const { return rest_.empty(); }
    uint8_t byte() {
        uint8_t value = rest_.empty() ? uint8_t{0} : uint8_t(rest_.front());
        rest_ = rest_.subspan(std::min(rest_.size(), size_t{1}));
        return value;
    }
    Bytes body() {
        size_t size = byte();
        size = std::min(size << 8 | byte(), rest_.size());
        Bytes body = to_bytes(rest_.first(size));
        rest_ = rest_.subspan(size);
        return body;
    }

private:
    ByteView rest_;
};

/// Gives the batches of a Produce request the checksum that they should have: what is behind the
/// check is what is looked at here.
inline void mend_checksums(MutableByteView body, int16_t version) {
    auto request = protocol::decode<protocol::ProduceRequest>(body, version);
    for (auto& topic : request.topic_data)
        for (auto& partition : topic.partition_data) {
            if (!partition.records) continue;
            MutableByteView rest = partition.records->bytes;
            while (rest.size() >= record::header_size) {
                auto length = load_big_endian<int32_t>(rest.data() + record::field::batch_length);
                if (length < record::batch_length_min) break;
                size_t size = std::min(record::log_overhead + size_t(length), rest.size());
                uint32_t crc = crc32c(rest.first(size).subspan(record::crc_start));
                store_big_endian(rest.data() + record::field::crc, crc);
                rest = rest.subspan(size);
            }
        }
}

/// Header and body without the size, as TestBroker takes them.
inline Bytes frame_of(const protocol::Api& api, int16_t version, ByteView body) {
    constexpr std::string_view client_id = "fuzz";
    Bytes frame;
    auto put = [&frame](auto number) {
        frame.resize(frame.size() + sizeof number);
        store_big_endian(frame.data() + frame.size() - sizeof number, number);
    };
    put(api.key);
    put(version);
    put(int32_t{1});  // the correlation id
    put(int16_t(client_id.size()));
    for (std::byte byte : bytes_of(client_id)) frame.push_back(byte);
    if (api.request_header_version(version) == 2) frame.push_back(std::byte{0});  // no tags
    frame.insert(frame.end(), body.begin(), body.end());
    return frame;
}

/// Returns whether a request was answered that came from the input.
inline bool check_broker(ByteView input) {
    constexpr int steps_max = 64;
    TestBroker broker(
        {{"offsets.topic.num.partitions", "1"}, {"transaction.state.log.num.partitions", "1"}});
    for (const char* topic : {"orders", "t"})
        STOKER_CHECK(broker.broker().metadata().create_topic({.name = topic, .configs = {}}),
                     "there are topics");
    bool answered = false;
    Steps steps(input);
    for (int i = 0; i < steps_max && !steps.empty(); ++i) {
        uint8_t what = steps.byte();
        if (what == step_kill) {
            broker.kill_and_restart();
        } else if (what == step_stop) {
            broker.stop_and_restart();
        } else if (what == step_wait) {
            broker.clock().advance_ms(int64_t{1000} * steps.byte());
            broker.broker().tick();
        } else if (const Handler* handler = find_handler(what)) {
            const protocol::Versions& versions = handler->api.versions;
            auto version =
                int16_t(versions.first + steps.byte() % (versions.last - versions.first + 1));
            Bytes body = steps.body();
            try {
                if (what == 0) mend_checksums(body, version);
            } catch (const protocol::MalformedMessage&) {
                continue;
            }
            uint64_t number = broker.send_bytes(frame_of(handler->api, version, body));
            answered = answered || (broker.answered(number) &&
                                    broker.raw_answer(number).kind == net::Answer::Kind::reply);
        }
    }
    broker.clock().advance_ms(3'600'000);
    broker.broker().tick();
    broker.kill_and_restart();
    STOKER_CHECK(!testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed(),
                 "a broker starts on what another one has left");
    return answered;
}

}  // namespace stoker::broker
