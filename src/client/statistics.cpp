#include "client/statistics.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace stoker::client {
namespace {

using Json = nlohmann::json;

int64_t whole(const Json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_number_integer() ? at->get<int64_t>() : 0;
}

RecentTimes times(const Json& object, const char* name) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_object()) return {};
    return {.count = whole(*at, "cnt"), .sum_us = whole(*at, "sum"), .max_us = whole(*at, "max")};
}

/// The values of an object of objects; nothing where it is none.
template <class Use>
void each(const Json& object, const char* name, Use use) {
    const auto at = object.find(name);
    if (at == object.end() || !at->is_object()) return;
    for (const Json& value : *at)
        if (value.is_object()) use(value);
}

}  // namespace

void RecentTimes::add(const RecentTimes& more) {
    count += more.count;
    sum_us += more.sum_us;
    max_us = std::max(max_us, more.max_us);
}

void Statistics::add(const Statistics& more) {
    bytes_sent += more.bytes_sent;
    requests_retried += more.requests_retried;
    requests_in_flight += more.requests_in_flight;
    connections += more.connections;
    round_trip.add(more.round_trip);
    queued.add(more.queued);
    batches += more.batches;
    batch_bytes += more.batch_bytes;
}

Statistics parse_statistics(std::string_view json) {
    const Json all = Json::parse(json, nullptr, false);
    Statistics told;
    if (!all.is_object()) return told;
    told.bytes_sent = whole(all, "tx_bytes");
    each(all, "brokers", [&](const Json& broker) {
        told.requests_retried += whole(broker, "txretries");
        told.requests_in_flight += whole(broker, "waitresp_cnt");
        const auto state = broker.find("state");
        if (state != broker.end() && *state == "UP") ++told.connections;
        told.round_trip.add(times(broker, "rtt"));
        told.queued.add(times(broker, "int_latency"));
    });
    each(all, "topics", [&](const Json& topic) {
        const RecentTimes sizes = times(topic, "batchsize");
        told.batches += sizes.count;
        told.batch_bytes += sizes.sum_us;
    });
    return told;
}

}  // namespace stoker::client
