// RawSource: our own consumer (kafka/), which does everything on the thread that calls.
#pragma once

#include "kafka/consumer.hpp"
#include "workload/reader/record_source.hpp"

namespace stoker::workload {

class RawSource final : public RecordSource {
public:
    static std::expected<std::unique_ptr<RecordSource>, std::string> create(
        const SourceOptions& options, const Clock& clock);

    std::expected<bool, std::string> poll(std::chrono::milliseconds timeout) override;
    std::expected<const SourceRecord*, std::string> next() override;
    size_t assigned() const override { return assigned_.size(); }
    std::vector<SourcePosition> positions() override;
    void close() override;

private:
    RawSource() = default;

    std::unique_ptr<kafka::Consumer> consumer_;
    std::vector<kafka::TopicPartition> assigned_;
    SourceRecord record_;
};

}  // namespace stoker::workload
