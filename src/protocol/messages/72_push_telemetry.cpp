#include "protocol/messages/72_push_telemetry.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<PushTelemetryRequest>;
template struct MessageIo<PushTelemetryResponse>;

}  // namespace stoker::protocol
