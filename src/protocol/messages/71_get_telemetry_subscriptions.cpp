#include "protocol/messages/71_get_telemetry_subscriptions.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<GetTelemetrySubscriptionsRequest>;
template struct MessageIo<GetTelemetrySubscriptionsResponse>;

}  // namespace stoker::protocol
