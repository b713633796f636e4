#include "workload/reader/rdkafka_source.hpp"

#include "workload/engine/rdkafka_engine.hpp"
#include "workload/seal.hpp"

namespace stoker::workload {
namespace {

using std::chrono::milliseconds;

/// librdkafka has a null pointer where there is no key or value.
std::optional<ByteView> bytes_or_nothing(std::string_view text) {
    if (text.data() == nullptr) return std::nullopt;
    return bytes_of(text);
}

}  // namespace

std::expected<std::unique_ptr<RecordSource>, std::string> RdKafkaSource::create(
    const SourceOptions& options) {
    auto config = rdkafka_config(options.properties);
    if (!config) return std::unexpected(config.error());
    // Told apart from records, so that it is known when everything was read.
    config->emplace_back("enable.partition.eof", "true");
    std::unique_ptr<RdKafkaSource> source(new RdKafkaSource);
    auto consumer = client::Consumer::create(
        *config, {.on_error =
                      [raw = source.get()](const client::Error& error) {
                          if (is_refusal(error) || error.code == RD_KAFKA_RESP_ERR__FATAL)
                              raw->failure_ = error.text;
                      },
                  .on_assignment =
                      [raw = source.get()](bool came, const auto& partitions) {
                          for (const auto& one : partitions) {
                              if (came) raw->assigned_.insert(one);
                              else raw->assigned_.erase(one);
                              raw->ends_.erase(one);
                          }
                      }});
    if (!consumer) return std::unexpected(consumer.error().text);
    source->consumer_ = std::move(*consumer);
    const auto subscribed = source->consumer_->subscribe(options.topics);
    if (!subscribed) return std::unexpected(subscribed.error().text);
    return source;
}

RdKafkaSource::~RdKafkaSource() {
    waiting_.reset();
    given_.reset();
    if (consumer_) consumer_->crash();
}

std::expected<bool, std::string> RdKafkaSource::poll(milliseconds timeout) {
    if (!waiting_) take(consumer_->poll(timeout));
    if (failure_) return std::unexpected(*failure_);
    return waiting_.has_value();
}

/// Keeps a record; of what stands in place of one, the end of a partition is good to know.
void RdKafkaSource::take(std::optional<client::Message> message) {
    if (!message) return;
    if (!message->error()) {
        waiting_ = std::move(message);
        return;
    }
    if (message->error() == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        ends_[{std::string(message->topic()), message->partition()}] = message->offset();
        return;
    }
    const client::Error error{message->error(), std::string(message->value())};
    if (is_refusal(error)) failure_ = error.text;
}

std::expected<const SourceRecord*, std::string> RdKafkaSource::next() {
    if (!waiting_) take(consumer_->poll(milliseconds(0)));
    if (failure_) return std::unexpected(*failure_);
    if (!waiting_) return nullptr;
    given_ = std::move(waiting_);
    waiting_.reset();
    consumer_->store(*given_);
    record_ = {.topic = given_->topic(),
               .partition = given_->partition(),
               .offset = given_->offset(),
               .key = bytes_or_nothing(given_->key()),
               .value = bytes_or_nothing(given_->value()),
               .seal = given_->header(seal_header)};
    return &record_;
}

std::vector<SourcePosition> RdKafkaSource::positions() {
    std::vector<SourcePosition> all;
    for (const auto& [where, offset] : ends_)
        all.push_back({where.topic, where.partition, offset});
    return all;
}

void RdKafkaSource::close() {
    waiting_.reset();
    given_.reset();
    consumer_->close();
}

}  // namespace stoker::workload
