// Values of control records: transaction markers, and what KRaft writes into its log and snapshots.
// They have no frame: the key of the control record says which one a value is, and the first field
// (where there is one) its version.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "protocol/schema.hpp"

namespace stoker::protocol {

struct EndTxnMarker {
    static constexpr Api api{.key = -1, .name = "EndTxnMarker", .versions = {0, 0}};

    int32_t coordinator_epoch = 0;

    using Self = EndTxnMarker;
    static constexpr auto fields = Fields{field<&Self::coordinator_epoch>};
    bool operator==(const EndTxnMarker&) const = default;
};

struct LeaderChangeMessage {
    static constexpr Api api{
        .key = -1, .name = "LeaderChangeMessage", .versions = {0, 1}, .flexible = 0};

    struct Voter {
        int32_t voter_id = 0;
        Uuid voter_directory_id;

        using Self = Voter;
        static constexpr auto fields = Fields{
            field<&Self::voter_id>,
            field<&Self::voter_directory_id, since(1)>};
        bool operator==(const Voter&) const = default;
    };

    int16_t version = 0;
    int32_t leader_id = 0;
    std::vector<Voter> voters;
    std::vector<Voter> granting_voters;

    using Self = LeaderChangeMessage;
    static constexpr auto fields = Fields{
        field<&Self::version>,
        field<&Self::leader_id>,
        field<&Self::voters>,
        field<&Self::granting_voters>};
    bool operator==(const LeaderChangeMessage&) const = default;
};

struct SnapshotHeaderRecord {
    static constexpr Api api{
        .key = -1, .name = "SnapshotHeaderRecord", .versions = {0, 0}, .flexible = 0};

    int16_t version = 0;
    int64_t last_contained_log_timestamp = 0;

    using Self = SnapshotHeaderRecord;
    static constexpr auto fields = Fields{
        field<&Self::version>,
        field<&Self::last_contained_log_timestamp>};
    bool operator==(const SnapshotHeaderRecord&) const = default;
};

struct SnapshotFooterRecord {
    static constexpr Api api{
        .key = -1, .name = "SnapshotFooterRecord", .versions = {0, 0}, .flexible = 0};

    int16_t version = 0;

    using Self = SnapshotFooterRecord;
    static constexpr auto fields = Fields{field<&Self::version>};
    bool operator==(const SnapshotFooterRecord&) const = default;
};

struct KRaftVersionRecord {
    static constexpr Api api{
        .key = -1, .name = "KRaftVersionRecord", .versions = {0, 0}, .flexible = 0};

    int16_t version = 0;
    int16_t kraft_version = 0;

    using Self = KRaftVersionRecord;
    static constexpr auto fields = Fields{
        field<&Self::version>,
        field<&Self::kraft_version>};
    bool operator==(const KRaftVersionRecord&) const = default;
};

struct VotersRecord {
    static constexpr Api api{.key = -1, .name = "VotersRecord", .versions = {0, 0}, .flexible = 0};

    struct Endpoint {
        std::string name;
        std::string host;
        uint16_t port = 0;

        using Self = Endpoint;
        static constexpr auto fields = Fields{
            field<&Self::name>,
            field<&Self::host>,
            field<&Self::port>};
        bool operator==(const Endpoint&) const = default;
    };

    struct KRaftVersionFeature {
        int16_t min_supported_version = 0;
        int16_t max_supported_version = 0;

        using Self = KRaftVersionFeature;
        static constexpr auto fields = Fields{
            field<&Self::min_supported_version>,
            field<&Self::max_supported_version>};
        bool operator==(const KRaftVersionFeature&) const = default;
    };

    struct Voter {
        int32_t voter_id = 0;
        Uuid voter_directory_id;
        std::vector<Endpoint> endpoints;
        KRaftVersionFeature kraft_version_feature;

        using Self = Voter;
        static constexpr auto fields = Fields{
            field<&Self::voter_id>,
            field<&Self::voter_directory_id>,
            field<&Self::endpoints>,
            field<&Self::kraft_version_feature>};
        bool operator==(const Voter&) const = default;
    };

    int16_t version = 0;
    std::vector<Voter> voters;

    using Self = VotersRecord;
    static constexpr auto fields = Fields{
        field<&Self::version>,
        field<&Self::voters>};
    bool operator==(const VotersRecord&) const = default;
};

}  // namespace stoker::protocol
