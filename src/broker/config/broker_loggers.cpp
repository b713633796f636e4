#include "broker/config/broker_loggers.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/loggers.hpp"

namespace stoker::broker {

namespace {

const std::string root = "root";

struct Level {
    std::string_view name;
    spdlog::level::level_enum level;
};
// In the order in which Apache Kafka lists them. The first that has a level names it.
constexpr std::array levels{
    Level{"DEBUG", spdlog::level::debug}, Level{"ERROR", spdlog::level::err},
    Level{"FATAL", spdlog::level::critical}, Level{"INFO", spdlog::level::info},
    Level{"TRACE", spdlog::level::trace}, Level{"WARN", spdlog::level::warn}};

std::string name_of(spdlog::level::level_enum level) {
    const auto* found = std::ranges::find(levels, level, &Level::level);
    return found == levels.end() ? "OFF" : std::string(found->name);
}

std::string all_levels() {
    std::string text;
    for (const Level& level : levels) text.append(text.empty() ? "" : ", ").append(level.name);
    return text;
}

/// Null when there is none of that name.
std::shared_ptr<spdlog::logger> find_logger(const std::string& name) {
    return name == root ? spdlog::default_logger() : spdlog::get(name);
}

/// What is in spdlog's registry, the root apart.
std::vector<std::shared_ptr<spdlog::logger>> named_loggers() {
    std::ignore = logger(LogOf::requests);  // there is one before the first request is logged
    // Before the registry is locked, which its functions do themselves.
    const auto root_logger = spdlog::default_logger();
    std::vector<std::shared_ptr<spdlog::logger>> all;
    spdlog::apply_all([&](const std::shared_ptr<spdlog::logger>& one) {
        if (one != root_logger) all.push_back(one);
    });
    return all;
}

/// What has the root's level, because nobody gave it another, follows it.
void set_root_level(spdlog::level::level_enum level) {
    const auto before = spdlog::get_level();
    for (const auto& logger : named_loggers())
        if (logger->level() == before) logger->set_level(level);
    spdlog::default_logger()->set_level(level);
}

std::unexpected<ConfigRefusal> refused(ErrorCode code, std::string message) {
    return std::unexpected(ConfigRefusal{code, std::move(message)});
}

/// A logger whose level is removed has the root's.
std::expected<spdlog::level::level_enum, ConfigRefusal> level_of(
    const ConfigAlteration& alteration) {
    if (alteration.operation == AlterOperation::append ||
        alteration.operation == AlterOperation::subtract) {
        bool append = alteration.operation == AlterOperation::append;
        return refused(ErrorCode::invalid_request,
                       std::string(append ? "APPEND" : "SUBTRACT") +
                           " operation is not allowed for the BROKER_LOGGER resource");
    }
    if (find_logger(alteration.name) == nullptr)
        return refused(ErrorCode::invalid_config,
                       "Logger " + alteration.name + " does not exist!");
    if (alteration.operation == AlterOperation::remove) {
        if (alteration.name != root) return spdlog::get_level();
        return refused(ErrorCode::invalid_request,
                       "Removing the log level of the root logger is not allowed");
    }
    std::string value = alteration.value.value_or("");
    const auto* found = std::ranges::find(levels, value, &Level::name);
    if (found == levels.end())
        return refused(ErrorCode::invalid_config,
                       "Cannot set the log level of " + alteration.name + " to " + value +
                           " as it is not a supported log level. Valid log levels are " +
                           all_levels());
    return found->level;
}

}  // namespace

std::vector<ConfigEntry> describe_loggers(const std::vector<std::string>& names) {
    std::vector<ConfigEntry> entries;
    auto add = [&](const std::string& name, spdlog::level::level_enum level) {
        if (!names.empty() && std::ranges::find(names, name) == names.end()) return;
        entries.push_back({.name = name,
                           .value = name_of(level),
                           .source = ConfigSource::dynamic_broker_logger});
    };
    for (const auto& logger : named_loggers()) add(logger->name(), logger->level());
    add(root, spdlog::get_level());
    return entries;
}

std::expected<void, ConfigRefusal> alter_loggers(const std::vector<ConfigAlteration>& alterations,
                                                 bool validate_only) {
    for (const ConfigAlteration& alteration : alterations)
        if (auto level = level_of(alteration); !level) return std::unexpected(level.error());
    if (validate_only) return {};
    for (const ConfigAlteration& alteration : alterations) {
        auto level = *level_of(alteration);
        if (alteration.name == root) set_root_level(level);
        else find_logger(alteration.name)->set_level(level);
    }
    return {};
}

}  // namespace stoker::broker
