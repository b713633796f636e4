#include "workload/content/content.hpp"

#include <fmt/format.h>

#include <iterator>

#include "kafka/partitioner.hpp"

namespace stoker::workload {
namespace {

/// Producers with one seed must not send the same messages.
uint64_t seed_of(const Content::Options& options) {
    return options.seed ^ (uint64_t(options.producer + 1) * 0x2545f4914f6cdd1du);
}

/// No pool is needed where a template makes the values.
ValuePlan pool_plan(const ContentPlan& plan) {
    ValuePlan values = plan.values;
    if (!plan.text.empty()) values.bytes = values.bytes_max = 1;
    return values;
}

}  // namespace

ContentTables::ContentTables(const ContentPlan& plan, uint64_t seed)
    : keys(plan.keys), values(pool_plan(plan), seed) {}

Content::Content(const ContentPlan& plan, const ContentTables& tables, const Options& options)
    : options_(options),
      random_(seed_of(options)),
      keys_(plan.keys, tables.keys),
      values_(plan.values, tables.values) {
    if (plan.text.empty()) return;
    auto compiled = Template::compile(plan.text);
    if (compiled) template_ = std::move(*compiled);
}

MadeMessage Content::next(int64_t wall_ms) {
    const uint64_t turn = made_++ + uint64_t(options_.producer);
    MadeMessage message;
    message.topic = int32_t(turn % uint64_t(options_.topics));
    if (keys_.none()) {
        message.partition =
            int32_t(turn / uint64_t(options_.topics) % uint64_t(options_.partitions));
    } else {
        key_.clear();
        fmt::format_to(std::back_inserter(key_), "key-{:010}", keys_.next(random_));
        message.key = bytes_of(key_);
        message.partition = kafka::partition_for_key(*message.key, options_.partitions);
    }
    if (values_.is_tombstone(random_)) return message;
    if (template_) {
        text_.clear();
        template_->write(text_, random_, {.sequence = made_ - 1, .wall_ms = wall_ms, .key = key_});
        message.value = bytes_of(text_);
    } else {
        message.value = values_.next(random_);
    }
    return message;
}

}  // namespace stoker::workload
