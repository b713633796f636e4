#include "workload/engine/engine.hpp"

#include <utility>

#include "workload/engine/raw_engine.hpp"
#include "workload/engine/rdkafka_engine.hpp"

namespace stoker::workload {

std::expected<std::unique_ptr<Engine>, std::string> make_engine(EngineKind kind,
                                                                const EngineOptions& options,
                                                                const Clock& clock,
                                                                Engine::OnDelivered on_delivered) {
    if (kind == EngineKind::raw)
        return RawEngine::create(options, clock, std::move(on_delivered));
    return RdKafkaEngine::create(options, clock, std::move(on_delivered));
}

}  // namespace stoker::workload
