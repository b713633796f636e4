// ApiVersions (18), versions 0 to 4.
//
// Behaviour: what the handler table serves, and the finalized features of the metadata log. A
// version that is too new is answered in version 0 with UNSUPPORTED_VERSION by the dispatcher, so
// that the client can ask again (KIP-511).
// Version notes: from 3 the client names itself, and a name that is none is INVALID_REQUEST; the
// response header stays at version 0. Supported features whose lowest version is 0 must not appear
// before 4 (KAFKA-17011); their finalized levels do.
#include <algorithm>
#include <string_view>

#include "broker/broker.hpp"
#include "broker/handler.hpp"
#include "broker/handlers/handlers.hpp"
#include "broker/metadata/features.hpp"

namespace stoker::broker {

using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;

namespace {

constexpr int16_t first_version_with_names = 3;
constexpr int16_t first_version_with_level_zero = 4;

bool alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Kafka's [a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?
bool legal_software_name(std::string_view text) {
    return !text.empty() && alphanumeric(text.front()) && alphanumeric(text.back()) &&
           std::ranges::all_of(text,
                               [](char c) { return alphanumeric(c) || c == '-' || c == '.'; });
}

}  // namespace

void api_versions(Broker& broker, const Request&, ApiVersionsRequest asked,
                  Reply<ApiVersionsResponse> reply) {
    int16_t version = reply.version();
    ApiVersionsResponse response;
    if (version >= first_version_with_names &&
        (!legal_software_name(asked.client_software_name) ||
         !legal_software_name(asked.client_software_version))) {
        response.error_code = ErrorCode::invalid_request;
        return std::move(reply)(response);
    }
    for (const Handler& handler : handlers())
        response.api_keys.push_back({.api_key = handler.api.key,
                                     .min_version = handler.api.advertised.first,
                                     .max_version = handler.api.advertised.last});
    for (const Feature& feature : features()) {
        if (!feature.served()) continue;
        std::string name(feature.name);
        if (feature.oldest > 0 || version >= first_version_with_level_zero)
            response.supported_features.push_back(
                {.name = name, .min_version = feature.oldest, .max_version = feature.latest});
        int16_t level = broker.metadata().feature_level(name);
        if (level > 0)
            response.finalized_features.push_back(
                {.name = name, .max_version_level = level, .min_version_level = level});
    }
    response.finalized_features_epoch = raw(broker.metadata().end_offset());
    std::move(reply)(response);
}

}  // namespace stoker::broker
