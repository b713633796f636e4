// RdKafkaSource: librdkafka's consumer (client/), with its threads and queues.
#pragma once

#include <map>
#include <set>

#include "client/consumer.hpp"
#include "workload/reader/record_source.hpp"

namespace stoker::workload {

class RdKafkaSource final : public RecordSource {
public:
    static std::expected<std::unique_ptr<RecordSource>, std::string> create(
        const SourceOptions& options);
    ~RdKafkaSource() override;

    std::expected<bool, std::string> poll(std::chrono::milliseconds timeout) override;
    std::expected<const SourceRecord*, std::string> next() override;
    size_t assigned() const override { return assigned_.size(); }
    std::vector<SourcePosition> positions() override;
    void close() override;

private:
    RdKafkaSource() = default;
    void take(std::optional<client::Message> message);

    std::unique_ptr<client::Consumer> consumer_;
    std::set<client::TopicPartition> assigned_;
    /// Where librdkafka said that the log ends for now; records before it were given out.
    std::map<client::TopicPartition, int64_t> ends_;
    std::optional<client::Message> waiting_;  ///< polled, not given out
    std::optional<client::Message> given_;    ///< what the last record's views are of
    std::optional<std::string> failure_;
    SourceRecord record_;
};

}  // namespace stoker::workload
