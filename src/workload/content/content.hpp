// Content: what one producer's messages are made of, one after another: topic, partition, key,
// value, headers. Without keys, topics and partitions take turns; with keys, a key has its
// partition by the rule of Apache Kafka's clients, so that equal keys keep their order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "workload/content/keys.hpp"
#include "workload/content/template.hpp"
#include "workload/content/values.hpp"
#include "workload/random64.hpp"

namespace stoker::workload {

struct ContentPlan {
    KeyPlan keys;
    ValuePlan values;
    std::string text;  ///< a template instead of `values`; empty: none
    /// On every message, beside the seal.
    std::vector<std::pair<std::string, std::string>> headers;

    static constexpr size_t headers_max = 16;
};

/// What all producers of a load share: it may be large.
struct ContentTables {
    ContentTables(const ContentPlan& plan, uint64_t seed);

    KeyTable keys;
    ValuePool values;
};

/// Views last until the next message is made.
struct MadeMessage {
    int32_t topic = 0;
    int32_t partition = 0;
    std::optional<ByteView> key;
    std::optional<ByteView> value;
};

class Content {
public:
    struct Options {
        int32_t topics = 1;
        int32_t partitions = 1;  ///< of each topic
        uint64_t seed = 0;
        int producer = 0;
    };
    /// A template must have been checked (Template::compile). `tables` are of the same plan, and
    /// outlive this.
    Content(const ContentPlan& plan, const ContentTables& tables, const Options& options);

    /// `wall_ms` is what a template's times are.
    MadeMessage next(int64_t wall_ms);

private:
    Options options_;
    Random64 random_;
    Keys keys_;
    Values values_;
    std::optional<Template> template_;
    std::string key_;
    std::string text_;
    uint64_t made_ = 0;
};

}  // namespace stoker::workload
