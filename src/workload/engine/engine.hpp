// Engine: the client library under a producer of the load, behind one seam, so that the same load
// can show what each of them gets out of a cluster. One thread each.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/clock.hpp"
#include "kafka/client_properties.hpp"
#include "record/batch.hpp"
#include "workload/workload.hpp"

namespace stoker::workload {

/// Views need to last for the call only.
struct Outgoing {
    size_t topic = 0;
    int32_t partition = 0;
    std::optional<ByteView> key{};
    std::optional<ByteView> value{};
    std::span<const record::HeaderView> headers{};
    int64_t timestamp_ms = 0;
    int64_t tag = 0;
};

/// What became of messages that lie one behind the other.
struct Delivered {
    std::span<const int64_t> tags;
    int64_t base_offset = -1;  ///< -1: the broker did not say
    /// Null when they were acknowledged.
    const std::string* failure = nullptr;
};

class Engine {
public:
    using OnDelivered = std::function<void(const Delivered&)>;
    enum class Taken : uint8_t { yes, no_room, refused };

    virtual ~Engine() = default;

    /// Makes the connections known, so that the load itself finds them open; nothing is sent.
    virtual std::expected<void, std::string> connect() = 0;
    /// refused: it never will be sent, and refusal() says why.
    virtual Taken send(const Outgoing& message) = 0;
    /// Sends what is due, takes answers in and waits for more until `until_ns` of the clock.
    virtual void poll(int64_t until_ns) = 0;
    /// Bytes that may be with the client before send() might have to wait.
    virtual size_t window() const = 0;
    virtual const std::string& refusal() const = 0;
    /// What no further attempt can mend: a refused password.
    virtual std::optional<std::string> fatal() const = 0;

    virtual std::expected<void, std::string> begin() = 0;
    /// Both wait for the coordinator.
    virtual std::expected<void, std::string> commit() = 0;
    virtual std::expected<void, std::string> abort() = 0;
};

struct EngineOptions {
    /// With bootstrap.servers, and whatever the workload sets.
    kafka::ClientProperties properties{};
    std::vector<std::string> topics{};
    bool transactional = false;
};

/// `clock` outlives the engine; `on_delivered` is called from within the other calls.
std::expected<std::unique_ptr<Engine>, std::string> make_engine(EngineKind kind,
                                                                const EngineOptions& options,
                                                                const Clock& clock,
                                                                Engine::OnDelivered on_delivered);
using MakeEngine = std::function<decltype(make_engine)>;

}  // namespace stoker::workload
