// DescribeCluster (API 60): brokers, controller and cluster id (KIP-700).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/error_code.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct DescribeClusterRequest {
    static constexpr Api api{
        .key = 60, .name = "DescribeCluster", .versions = {0, 2}, .flexible = 0};

    bool include_cluster_authorized_operations = false;
    int8_t endpoint_type = 1;  // 1: brokers, 2: controllers (KIP-919)
    bool include_fenced_brokers = false;

    using Self = DescribeClusterRequest;
    static constexpr auto fields = Fields{
        field<&Self::include_cluster_authorized_operations>,
        field<&Self::endpoint_type, since(1)>,
        field<&Self::include_fenced_brokers, since(2)>};
    bool operator==(const DescribeClusterRequest&) const = default;
};

struct DescribeClusterResponse {
    static constexpr Api api = DescribeClusterRequest::api;

    struct DescribeClusterBroker {
        int32_t broker_id = 0;
        std::string host;
        int32_t port = 0;
        std::optional<std::string> rack;
        bool is_fenced = false;

        using Self = DescribeClusterBroker;
        static constexpr auto fields = Fields{
            field<&Self::broker_id>,
            field<&Self::host>,
            field<&Self::port>,
            field<&Self::rack>,
            field<&Self::is_fenced, since(2)>};
        bool operator==(const DescribeClusterBroker&) const = default;
    };

    int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message;
    int8_t endpoint_type = 1;  // 1: brokers, 2: controllers
    std::string cluster_id;
    int32_t controller_id = -1;
    std::vector<DescribeClusterBroker> brokers;
    /// a bit field (KIP-430)
    int32_t cluster_authorized_operations = std::numeric_limits<int32_t>::min();

    using Self = DescribeClusterResponse;
    static constexpr auto fields = Fields{
        field<&Self::throttle_time_ms>,
        field<&Self::error_code>,
        field<&Self::error_message>,
        field<&Self::endpoint_type, since(1)>,
        field<&Self::cluster_id>,
        field<&Self::controller_id>,
        field<&Self::brokers>,
        field<&Self::cluster_authorized_operations>};
    bool operator==(const DescribeClusterResponse&) const = default;
};

}  // namespace stoker::protocol
