#include "client/producer.hpp"

#include <algorithm>
#include <array>

#include "base/check.hpp"

namespace stoker::client {

namespace {

constexpr int metadata_probe_ms = 500;
constexpr int leader_retry_ms = 50;
/// The topic, the partition, the key, the value, the tag, the flags and the time, and four headers.
constexpr size_t fields_max = 11;
constexpr int brokers_replication_factor = -1;

struct QueueDeleter {
    void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct EventDeleter {
    void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};

struct MetadataDeleter {
    void operator()(const rd_kafka_metadata_t* m) const { rd_kafka_metadata_destroy(m); }
};

}  // namespace

Outcome<std::unique_ptr<Producer>> Producer::create(const Config& config, Events events) {
    auto conf = make_conf(config);
    if (!conf) return std::unexpected(conf.error());
    std::unique_ptr<Producer> producer(new Producer);
    producer->events_ = std::move(events);
    rd_kafka_conf_set_error_cb(*conf, [](rd_kafka_t*, int code, const char* text, void* self) {
        auto* producer = static_cast<Producer*>(self);
        Error error{rd_kafka_resp_err_t(code), text ? text : ""};
        producer->trouble_.note(error);
        if (producer->events_.on_error) producer->events_.on_error(error);
    });
    rd_kafka_conf_set_dr_msg_cb(*conf, [](rd_kafka_t*, const rd_kafka_message_t* m, void* self) {
        auto* producer = static_cast<Producer*>(self);
        if (!producer->events_.on_delivery) return;
        producer->events_.on_delivery({.error = m->err,
                                       .tag = reinterpret_cast<int64_t>(m->_private),
                                       .value = {static_cast<const char*>(m->payload), m->len},
                                       .partition = m->partition,
                                       .offset = m->offset});
    });
    rd_kafka_conf_set_stats_cb(*conf, [](rd_kafka_t*, char* json, size_t size, void* self) {
        auto* producer = static_cast<Producer*>(self);
        if (producer->events_.on_statistics)
            producer->events_.on_statistics(parse_statistics({json, size}));
        return 0;  // librdkafka frees the text
    });
    auto rk = make_instance(RD_KAFKA_PRODUCER, *conf, producer.get());
    if (!rk) return std::unexpected(rk.error());
    producer->rk_ = std::move(*rk);
    return producer;
}

Producer::~Producer() {
    if (!rk_) return;
    rd_kafka_purge(rk_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    for (auto* topic : topics_) rd_kafka_topic_destroy(topic);
}

Outcome<void> Producer::connect(std::chrono::milliseconds timeout, const Stopped& stopped) {
    return await_broker(rk_.get(), timeout, trouble_, stopped);
}

size_t Producer::topic(const std::string& name) {
    rd_kafka_topic_t* topic = rd_kafka_topic_new(rk_.get(), name.c_str(), nullptr);
    STOKER_CHECK(topic, "a topic name that was checked before is accepted");
    topics_.push_back(topic);
    return topics_.size() - 1;
}

Outcome<void> Producer::create_topics(const std::vector<std::string>& names, int partitions,
                                      std::chrono::milliseconds timeout) {
    std::vector<rd_kafka_NewTopic_t*> wanted;
    for (const std::string& name : names)
        wanted.push_back(rd_kafka_NewTopic_new(name.c_str(), partitions,
                                               brokers_replication_factor, nullptr, 0));
    std::unique_ptr<rd_kafka_queue_t, QueueDeleter> queue(rd_kafka_queue_new(rk_.get()));
    rd_kafka_CreateTopics(rk_.get(), wanted.data(), wanted.size(), nullptr, queue.get());
    rd_kafka_NewTopic_destroy_array(wanted.data(), wanted.size());
    std::unique_ptr<rd_kafka_event_t, EventDeleter> event(
        rd_kafka_queue_poll(queue.get(), int(timeout.count())));
    if (!event) return std::unexpected(error_of(RD_KAFKA_RESP_ERR__TIMED_OUT));
    if (auto code = rd_kafka_event_error(event.get()))
        return std::unexpected(Error{code, rd_kafka_event_error_string(event.get())});
    size_t count = 0;
    const auto* result = rd_kafka_event_CreateTopics_result(event.get());
    const auto* const* topics = rd_kafka_CreateTopics_result_topics(result, &count);
    for (const auto* topic : std::span(topics, count)) {
        const auto code = rd_kafka_topic_result_error(topic);
        if (!code || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        const char* text = rd_kafka_topic_result_error_string(topic);
        return std::unexpected(Error{code, "topic " +
                                               std::string(rd_kafka_topic_result_name(topic)) +
                                               ": " + (text ? text : rd_kafka_err2str(code))});
    }
    return {};
}

bool Producer::every_topic_has_a_leader(Error& why) {
    const rd_kafka_metadata_t* raw = nullptr;
    auto code = rd_kafka_metadata(rk_.get(), 0, nullptr, &raw, metadata_probe_ms);
    std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter> metadata(raw);
    if (code) {
        why = error_of(code);
        return false;
    }
    std::span found(metadata->topics, size_t(metadata->topic_cnt));
    partitions_min_ = INT32_MAX;
    for (auto* topic : topics_) {
        std::string_view name = rd_kafka_topic_name(topic);
        auto at = std::ranges::find_if(found, [&](auto& t) { return name == t.topic; });
        auto error = at == found.end() ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : at->err;
        if (!error && at->partition_cnt == 0) error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
        for (int i = 0; !error && i < at->partition_cnt; ++i)
            if (at->partitions[i].leader < 0) error = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
        if (!error) {
            partitions_min_ = std::min(partitions_min_, at->partition_cnt);
            continue;
        }
        why = {error, "topic " + std::string(name) + ": " + rd_kafka_err2str(error)};
        return false;
    }
    return true;
}

Outcome<void> Producer::await_topics(std::chrono::milliseconds timeout, const Stopped& stopped) {
    auto end = std::chrono::steady_clock::now() + timeout;
    Error why;
    while (!every_topic_has_a_leader(why)) {
        bool late = std::chrono::steady_clock::now() >= end;
        if (late || stopped() || is_refusal(why)) return std::unexpected(why);
        rd_kafka_poll(rk_.get(), leader_retry_ms);
    }
    return {};
}

rd_kafka_resp_err_t Producer::produce(const Record& record) {
    std::array<rd_kafka_vu_t, fields_max> fields;
    size_t count = 0;
    auto add = [&](rd_kafka_vtype_t type) -> auto& {
        fields[count].vtype = type;
        return fields[count++].u;
    };
    add(RD_KAFKA_VTYPE_RKT).rkt = topics_[record.topic];
    add(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
    add(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<char*>(record.value.data()), record.value.size()};
    if (!record.key.empty())
        add(RD_KAFKA_VTYPE_KEY).mem = {const_cast<char*>(record.key.data()), record.key.size()};
    add(RD_KAFKA_VTYPE_OPAQUE).ptr = reinterpret_cast<void*>(record.tag);
    if (record.partition >= 0) add(RD_KAFKA_VTYPE_PARTITION).i32 = record.partition;
    if (record.timestamp_ms) add(RD_KAFKA_VTYPE_TIMESTAMP).i64 = record.timestamp_ms;
    STOKER_CHECK(count + record.headers.size() <= fields_max, "at most four headers");
    for (const Header& header : record.headers) {
        auto& field = add(RD_KAFKA_VTYPE_HEADER).header;
        field = {header.name, header.value.data(), ssize_t(header.value.size())};
    }
    rd_kafka_error_t* error = rd_kafka_produceva(rk_.get(), fields.data(), count);
    if (!error) return RD_KAFKA_RESP_ERR_NO_ERROR;
    auto code = rd_kafka_error_code(error);
    rd_kafka_error_destroy(error);
    return code;
}

void Producer::poll(std::chrono::milliseconds timeout) {
    rd_kafka_poll(rk_.get(), int(timeout.count()));
}

bool Producer::flush(std::chrono::milliseconds timeout) {
    return rd_kafka_flush(rk_.get(), int(timeout.count())) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Producer::purge() {
    rd_kafka_purge(rk_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

int64_t Producer::outstanding() const {
    return rd_kafka_outq_len(rk_.get());
}

}  // namespace stoker::client
