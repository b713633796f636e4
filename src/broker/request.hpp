// One request on its way through the broker, and the promise to answer it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/metrics/request_metrics.hpp"
#include "broker/quota/client_quotas.hpp"
#include "net/reply.hpp"
#include "net/server.hpp"
#include "protocol/message_io.hpp"
#include "storage/disk.hpp"

namespace stoker::broker {

struct SaslSession;

/// Who asks, and how. Lives as long as the handler's call: a handler that keeps the Reply copies
/// what it needs later.
struct Request {
    const net::Peer& peer;
    const protocol::RequestHeader& header;
    /// Kafka's principal: of SASL, else of the client's certificate.
    std::string principal = "User:ANONYMOUS";
    /// Of a SASL listener; null on others.
    SaslSession* sasl = nullptr;

    /// The request's account where anybody has a quota; else null.
    std::shared_ptr<QuotaTicket> quota{};
    /// Null where nobody measures.
    RequestMetrics* metrics = nullptr;
    /// Set by a handler whose session may otherwise go on: the next frame waits for this answer.
    mutable bool waits = false;

    std::string client_id() const { return header.client_id.value_or(""); }
};

/// The slices of one `records` field of a Fetch answer.
using RecordSlices = std::vector<storage::FileSlice>;

/// The promise to answer one request with a Response, in the version that was asked. Move-only; any
/// thread; it may be kept for as long as it takes (long poll, join group, acks after a sync).
/// Destroyed unanswered, it closes the connection.
template <protocol::Message Response>
class Reply {
public:
    Reply(const protocol::RequestHeader& header, net::Responder responder,
          std::shared_ptr<QuotaTicket> quota = nullptr, RequestMetrics* metrics = nullptr)
        : correlation_id_(header.correlation_id),
          version_(header.request_api_version),
          responder_(std::move(responder)),
          quota_(std::move(quota)),
          metrics_(metrics) {}

    int16_t version() const { return version_; }

    void operator()(const Response& response) && { std::move(*this).with_slices(response, {}); }

    /// `slices[i]` are the bytes of the i-th external Records of the response.
    void with_slices(const Response& response, std::vector<RecordSlices> slices) && {
        if (quota_ != nullptr) {
            int32_t throttle_ms = quota_->throttle_ms();
            quota_.reset();
            if (throttle_ms > 0) return throttled(response, std::move(slices), throttle_ms);
        }
        if (metrics_ != nullptr) metrics_->count_errors(response);
        protocol::Encoded encoded = protocol::encode_response(correlation_id_, response, version_);
        net::OutFrame frame{.bytes = std::move(encoded.bytes), .splices = {}};
        for (size_t i = 0; i < encoded.splices.size(); ++i)
            frame.splices.push_back({.at = encoded.splices[i].at, .slices = std::move(slices[i])});
        std::move(responder_).send(std::move(frame));
    }

    /// The connection ends when this is sent.
    void and_close(const Response& response) && {
        if (metrics_ != nullptr) metrics_->count_errors(response);
        protocol::Encoded encoded = protocol::encode_response(correlation_id_, response, version_);
        std::move(responder_).send(
            {.bytes = std::move(encoded.bytes), .splices = {}, .close_after = true});
    }
    /// As net::Responder's; before the answer.
    void authenticated() { responder_.authenticated(); }

    /// acks=0: the client expects nothing.
    void none() && {
        if (quota_ != nullptr) mute_for(quota_->throttle_ms());
        std::move(responder_).drop();
    }
    void close(std::string reason) && { std::move(responder_).close(std::move(reason)); }
    /// The session hands over nothing more for so long once this is answered (quotas).
    void mute_for(int64_t ms) { responder_.mute_for(ms); }
    /// The request's account, for what a handler knows of its cost; null without quotas.
    QuotaTicket* quota() const { return quota_.get(); }

private:
    /// The client is told how long, and waits whether it cares or not (KIP-219).
    void throttled(Response response, std::vector<RecordSlices> slices, int32_t throttle_ms) {
        if constexpr (requires { response.throttle_time_ms = throttle_ms; })
            response.throttle_time_ms = throttle_ms;
        mute_for(throttle_ms);
        std::move(*this).with_slices(response, std::move(slices));
    }

    int32_t correlation_id_;
    int16_t version_;
    net::Responder responder_;
    std::shared_ptr<QuotaTicket> quota_;
    RequestMetrics* metrics_;  // null: nobody counts
};

/// The reply as a function that can be kept: what the coordinators take.
template <protocol::Message Response>
auto kept(Reply<Response> reply) {
    return [reply = std::move(reply)](const Response& response) mutable {
        std::move(reply)(response);
    };
}

}  // namespace stoker::broker
