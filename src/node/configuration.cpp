#include "node/configuration.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "storage/posix_disk.hpp"
#include "storage/properties_file.hpp"

namespace stoker::node {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

/// What the server.properties that Apache Kafka ships says of logs and topics. It stands in for the
/// file that nobody brought, because tools show what is set where they would not show a default.
broker::ConfigMap shipped_properties() {
    return {{"log.retention.check.interval.ms", "300000"},
            {"log.retention.hours", "168"},
            {"log.segment.bytes", "1073741824"},
            {"num.partitions", "1"},
            {"offsets.topic.replication.factor", "1"},
            {"transaction.state.log.min.isr", "1"},
            {"transaction.state.log.replication.factor", "1"}};
}

std::expected<broker::ConfigMap, std::string> read_file(const std::string& path) {
    if (path.empty()) return shipped_properties();
    broker::ConfigMap properties;
    storage::PosixDisk disk;
    auto content = storage::read_file(disk, path);
    if (!content)
        return std::unexpected("The configuration cannot be read: " + content.error().what +
                               ". Give the path of a file that is there and that may be read.");
    auto parsed = storage::parse_properties(text_of(*content));
    if (!parsed) return std::unexpected(path + ": " + parsed.error());
    for (const auto& [name, value] : parsed->entries()) properties[name] = value;
    return properties;
}

}  // namespace

std::string default_data_folder(const std::string& name) {
    std::string base = environment("XDG_DATA_HOME");
    if (base.empty()) base = environment("HOME") + "/.local/share";
    return base + "/stoker/" + name;
}

std::expected<broker::ConfigStore, std::string> read_configs(
    const std::string& file, const std::vector<std::string>& overrides,
    broker::ConfigMap own_defaults) {
    auto properties = read_file(file);
    if (!properties) return std::unexpected(properties.error());
    for (const std::string& setting : overrides) {
        size_t equals = setting.find('=');
        if (equals == std::string::npos || equals == 0)
            return std::unexpected("--override wants name=value, not '" + setting + "'.");
        (*properties)[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    return broker::ConfigStore::create(
        {.properties = std::move(*properties), .defaults = std::move(own_defaults)});
}

}  // namespace stoker::node
