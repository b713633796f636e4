#include "workload/reader/record_source.hpp"

#include "workload/reader/raw_source.hpp"
#include "workload/reader/rdkafka_source.hpp"

namespace stoker::workload {

std::expected<std::unique_ptr<RecordSource>, std::string> make_source(EngineKind kind,
                                                                      const SourceOptions& options,
                                                                      const Clock& clock) {
    if (kind == EngineKind::raw) return RawSource::create(options, clock);
    return RdKafkaSource::create(options);
}

}  // namespace stoker::workload
