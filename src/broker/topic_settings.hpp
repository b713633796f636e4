// A topic's configs, typed: its own values resolved through the broker's.
#pragma once

#include "broker/config/config_store.hpp"
#include "broker/metadata/metadata_image.hpp"
#include "broker/topic.hpp"

namespace stoker::broker {

/// `topic_configs` are what was set on the topic, valid ones.
TopicSettings topic_settings(const ConfigStore& configs, const ConfigMap& topic_configs);

}  // namespace stoker::broker
