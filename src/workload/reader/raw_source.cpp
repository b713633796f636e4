#include "workload/reader/raw_source.hpp"

#include "workload/seal.hpp"

namespace stoker::workload {

std::expected<std::unique_ptr<RecordSource>, std::string> RawSource::create(
    const SourceOptions& options, const Clock& clock) {
    std::unique_ptr<RawSource> source(new RawSource);
    auto consumer = kafka::Consumer::create(
        options.properties, kafka::Log(clock, [](std::string_view) {}), clock);
    if (!consumer) return std::unexpected(consumer.error().text());
    source->consumer_ = std::move(*consumer);
    const auto count = [raw = source.get()](const auto&) {
        raw->assigned_ = raw->consumer_->assigned();
    };
    source->consumer_->subscribe(options.topics, {.on_assigned = count, .on_revoked = count});
    return source;
}

std::expected<bool, std::string> RawSource::poll(std::chrono::milliseconds timeout) {
    const auto polled = consumer_->poll(timeout.count());
    if (!polled) return std::unexpected(polled.error().text());
    // The listener is told of a change before the change is made.
    if (!*polled) assigned_ = consumer_->assigned();
    return *polled;
}

std::expected<const SourceRecord*, std::string> RawSource::next() try {
    const kafka::ConsumerRecord* record = consumer_->next();
    if (record == nullptr) return nullptr;
    record_ = {.topic = record->where->topic,
               .partition = record->where->partition,
               .offset = raw(record->view.offset),
               .key = record->view.key,
               .value = record->view.value,
               .seal = std::nullopt};
    for (const record::HeaderView& one : record->view.headers)
        if (one.key == seal_header) record_.seal = one.value;
    return &record_;
} catch (const kafka::KafkaException& error) {
    return std::unexpected(error.failure().text());
}

std::vector<SourcePosition> RawSource::positions() {
    std::vector<SourcePosition> all;
    for (const kafka::TopicPartition& where : assigned_)
        if (const auto offset = consumer_->position(where))
            all.push_back({where.topic, where.partition, raw(*offset)});
    return all;
}

void RawSource::close() { consumer_->close(); }

}  // namespace stoker::workload
