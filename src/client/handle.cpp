#include "client/handle.hpp"

#include <algorithm>
#include <array>

namespace stoker::client {

namespace {

constexpr int probe_ms = 250;

void drop_log(const rd_kafka_t*, int, const char*, const char*) {}

}  // namespace

Outcome<RdKafka> make_instance(rd_kafka_type_t type, rd_kafka_conf_t* conf, void* opaque) {
    rd_kafka_conf_set_opaque(conf, opaque);
    rd_kafka_conf_set_log_cb(conf, drop_log);
    std::array<char, 512> text{};
    rd_kafka_t* rk = rd_kafka_new(type, conf, text.data(), text.size());
    if (rk) return RdKafka(rk);
    rd_kafka_conf_destroy(conf);
    return std::unexpected(Error{rd_kafka_last_error(), text.data()});
}

void Trouble::note(const Error& error) {
    if (error.code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        no_broker_up = true;
    else
        reason = error;
}

Outcome<void> await_broker(rd_kafka_t* rk, std::chrono::milliseconds timeout,
                           const Trouble& trouble, const Stopped& stopped) {
    auto now = std::chrono::steady_clock::now;
    auto end = now() + timeout;
    bool down = false;
    for (;;) {
        const rd_kafka_metadata_t* metadata = nullptr;
        auto code = rd_kafka_metadata(rk, 0, nullptr, &metadata, probe_ms);
        if (metadata) rd_kafka_metadata_destroy(metadata);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
        rd_kafka_poll(rk, 0);
        if (trouble.no_broker_up && !down) end = std::min(end, now() + no_broker_grace);
        down = trouble.no_broker_up;
        bool refused = trouble.reason && is_refusal(*trouble.reason);
        if (refused || stopped() || now() >= end)
            return std::unexpected(trouble.reason.value_or(error_of(code)));
    }
}

}  // namespace stoker::client
