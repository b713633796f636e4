#include "schedule/store.hpp"

#include <utility>

#include <fmt/format.h>

namespace stoker::schedule {
namespace {

constexpr int64_t poll_ms = 1000;

}  // namespace

void read_record(const record::RecordView& record, const RecordHandler& handler,
                 program::Journal& journal) {
    const auto passed_over = [&](const std::string& why) {
        journal.say(fmt::format("the record at offset {} of the schedules is passed over: {}",
                                raw(record.offset), why));
    };
    const auto key = parse_key(text_of(record.key.value_or(ByteView{})));
    if (!key) return passed_over("its key is not of Stoker's");
    if (!record.value) {
        if (key->progress)
            handler.on_progress(key->id, nullptr);
        else
            handler.on_definition(key->id, nullptr);
        return;
    }
    const std::string_view json = text_of(*record.value);
    if (key->progress) {
        const auto progress = progress_from_json(json);
        if (progress)
            handler.on_progress(key->id, &*progress);
        else
            passed_over(progress.error());
    } else {
        const auto schedule = schedule_from_json(key->id, json);
        if (schedule)
            handler.on_definition(key->id, &*schedule);
        else
            passed_over(schedule.error());
    }
}

Store::Store(kafka::ClientProperties properties, std::string topic, program::Journal& journal,
             const Clock& clock)
    : properties_(std::move(properties)),
      topic_(std::move(topic)),
      journal_(journal),
      clock_(clock),
      admin_(program::make_admin(properties_, journal, clock)) {
    program::ensure_topic(
        *admin_, {.name = topic_, .partitions = 1, .configs = {{"cleanup.policy", "compact"}}});
}

Contents Store::read_all() {
    auto properties = properties_;
    properties.set("enable.auto.commit", "false");
    properties.set("isolation.level", "read_committed");
    const auto consumer =
        kafka::value_or_throw(kafka::Consumer::create(properties, journal_.client_log(), clock_));
    const kafka::TopicPartition partition{topic_, 0};
    consumer->assign({partition});
    const auto deadline = [&] {
        return admin_->cluster().deadline(admin_->settings().default_api_timeout_ms);
    };
    const auto offset = [&](int64_t timestamp) {
        return kafka::value_or_throw(consumer->offset_for(partition, timestamp, deadline()));
    };
    const Offset end = offset(kafka::latest_timestamp);
    const Offset start = offset(kafka::earliest_timestamp);
    consumer->seek(partition, start);
    Contents contents;
    const RecordHandler handler{.on_definition =
                                    [&](const std::string& id, const Schedule* schedule) {
                                        if (schedule != nullptr)
                                            contents.schedules[id] = *schedule;
                                        else
                                            contents.schedules.erase(id);
                                    },
                                .on_progress =
                                    [&](const std::string& id, const Progress* progress) {
                                        if (progress != nullptr)
                                            contents.progress[id] = *progress;
                                        else
                                            contents.progress.erase(id);
                                    }};
    while (consumer->position(partition).value_or(start) < end) {
        (void)kafka::value_or_throw(consumer->poll(poll_ms));
        while (const auto* record = consumer->next()) read_record(record->view, handler, journal_);
    }
    return contents;
}

void Store::put(const Schedule& schedule) {
    const std::string json = to_json(schedule);
    write(definition_key(schedule.id), json);
}

void Store::remove(const std::string& id) {
    write(definition_key(id), std::nullopt);
    write(progress_key(id), std::nullopt);
}

void Store::write(std::string_view key, std::optional<std::string_view> value) {
    std::optional<kafka::Failure> failure;
    const auto producer = kafka::value_or_throw(kafka::Producer::create(
        properties_, journal_.client_log(), clock_, [&](const kafka::Delivery& delivery) {
            if (delivery.failure != nullptr) failure = *delivery.failure;
        }));
    kafka::ProducerRecord record{.topic = topic_, .partition = 0, .key = bytes_of(key)};
    if (value) record.value = bytes_of(*value);
    kafka::value_or_throw(producer->send(record));
    producer->flush();
    if (failure) throw kafka::KafkaException(*failure);
}

}  // namespace stoker::schedule
