// How a request finds its handler: one table, types deduced from the handler's own signature.
//
// A handler is a plain function `void heartbeat(Broker&, const Request&, HeartbeatRequest,
// Reply<HeartbeatResponse>)` in handlers/NN_name.cpp. The table drives the dispatch and the list
// that ApiVersions answers, so what is served and what is advertised cannot differ by accident.
#pragma once

#include <span>

#include "base/bytes.hpp"
#include "broker/request.hpp"

namespace stoker::broker {

class Broker;

struct Handler {
    protocol::Api api;
    /// Whether the session's next frame may come before this one is answered: only where the order
    /// of effects cannot depend on the answer (acks that wait for the disk).
    net::Next next;
    /// Takes the responder only when the body is well-formed; throws MalformedMessage otherwise.
    void (*run)(Broker&, const Request&, MutableByteView body, net::Responder&);
};

/// All handlers, by ascending API key.
std::span<const Handler> handlers();

/// Nothing when the key is unknown.
const Handler* find_handler(int16_t api_key);

template <auto function>
struct Handles;

template <protocol::Message Asked, protocol::Message Answer,
          void (*function)(Broker&, const Request&, Asked, Reply<Answer>)>
struct Handles<function> {
    static constexpr Handler with(net::Next next) {
        return {Asked::api, next,
                [](Broker& broker, const Request& request, MutableByteView body,
                   net::Responder& responder) {
                    // Apache Kafka looks at nothing behind the message, and librdkafka 2.10 leaves
                    // a byte there (Metadata 13 for all topics).
                    auto asked =
                        protocol::decode_front<Asked>(body, request.header.request_api_version);
                    function(broker, request, std::move(asked),
                             Reply<Answer>(request.header, std::move(responder), request.quota,
                                           request.metrics));
                }};
    }
};

}  // namespace stoker::broker
