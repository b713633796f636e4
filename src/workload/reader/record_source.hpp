// RecordSource: the client library under a consumer of the load, behind one seam, as engine.hpp is
// for producers. One thread each.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "kafka/client_properties.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

/// Views last until the next record or poll().
struct SourceRecord {
    std::string_view topic;
    int32_t partition = 0;
    int64_t offset = 0;
    std::optional<ByteView> key;
    std::optional<ByteView> value;
    /// The header of seal.hpp.
    std::optional<ByteView> seal;
};

/// A partition and the offset up to which everything in it was given out.
struct SourcePosition {
    std::string_view topic;
    int32_t partition = 0;
    int64_t offset = 0;
};

/// Destroyed without close() it is a crash: the group hears nothing, and nothing is committed.
class RecordSource {
public:
    virtual ~RecordSource() = default;

    /// Waits at most so long; whether next() has something. The error is a sentence, and final.
    virtual std::expected<bool, std::string> poll(std::chrono::milliseconds timeout) = 0;
    /// Null: poll() again. An error is one of reading, and final.
    virtual std::expected<const SourceRecord*, std::string> next() = 0;
    /// Partitions that the group has given it.
    virtual size_t assigned() const = 0;
    /// Where it stands in them; those that are not known are left out. Views last until poll().
    virtual std::vector<SourcePosition> positions() = 0;
    /// Commits and leaves the group.
    virtual void close() = 0;
};

struct SourceOptions {
    /// With bootstrap.servers and group.id.
    kafka::ClientProperties properties{};
    std::vector<std::string> topics{};
};

/// `clock` outlives the source.
std::expected<std::unique_ptr<RecordSource>, std::string> make_source(EngineKind kind,
                                                                      const SourceOptions& options,
                                                                      const Clock& clock);

}  // namespace stoker::workload
