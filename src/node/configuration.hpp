// Where programs keep their state when nobody says where, and what configures a node.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "broker/config/config_store.hpp"
#include "broker/metadata/metadata_image.hpp"

namespace stoker::node {

/// $XDG_DATA_HOME/stoker/NAME, or ~/.local/share/stoker/NAME.
std::string default_data_folder(const std::string& name);

/// The configuration from a server.properties ("" for what Apache Kafka ships as one) and
/// name=value overrides, which win; `own_defaults` are what the program uses where neither says
/// anything. The error is a sentence.
std::expected<broker::ConfigStore, std::string> read_configs(
    const std::string& file, const std::vector<std::string>& overrides,
    broker::ConfigMap own_defaults);

}  // namespace stoker::node
