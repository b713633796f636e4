// Looks at a cluster, any Kafka's: brokers, topics, groups, committed offsets, ends of partitions.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "exporter/snapshot.hpp"
#include "kafka/admin.hpp"

namespace re2 {
class RE2;
}

namespace stoker::exporter {

/// Which names are shown: those that match `wanted` as a whole and `unwanted` not.
class NameFilter {
public:
    /// The error is a sentence.
    static std::expected<NameFilter, std::string> create(const std::string& wanted,
                                                         const std::string& unwanted);
    bool shows(const std::string& name) const;

private:
    NameFilter(std::shared_ptr<const re2::RE2> wanted, std::shared_ptr<const re2::RE2> unwanted)
        : wanted_(std::move(wanted)), unwanted_(std::move(unwanted)) {}

    std::shared_ptr<const re2::RE2> wanted_;
    std::shared_ptr<const re2::RE2> unwanted_;
};

struct CollectorOptions {
    NameFilter topics;
    NameFilter groups;
    int64_t timeout_ms = 10'000;  // of each call
};

/// One look. Committed offsets are read before the ends of partitions, so that no group is ahead of
/// its partition. Every leader is asked once for the ends and once for the beginnings. What single
/// groups or partitions do not tell is left out; the failure is one that concerns all.
kafka::Outcome<Snapshot> look_at(kafka::Admin& admin, const CollectorOptions& options);

}  // namespace stoker::exporter
