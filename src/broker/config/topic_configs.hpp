// All topic configs of Apache Kafka 4.3, and the broker configs that give each its default.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "broker/config/config_table.hpp"

namespace stoker::broker {

const ConfigTable& topic_configs();

/// A broker config that a topic config takes its default from. One number of the synonym is `unit`
/// of the topic config's: log.retention.hours counts 3'600'000 ms.
struct TopicSynonym {
    std::string_view topic_config;
    std::string_view broker_config;
    int64_t unit = 1;
};

/// Those of one topic config, the first that is set wins. Empty where it has none.
std::span<const TopicSynonym> topic_synonyms(std::string_view topic_config);

}  // namespace stoker::broker
