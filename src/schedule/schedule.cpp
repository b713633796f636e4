#include "schedule/schedule.hpp"

#include <nlohmann/json.hpp>

namespace stoker::schedule {
namespace {

using nlohmann::json;

constexpr std::string_view definition_prefix = "schedule:";
constexpr std::string_view progress_prefix = "progress:";

void put(json& object, const char* name, const std::string& text) {
    if (!text.empty()) object[name] = text;
}

/// What a schedule cannot do without is taken with at(), which throws.
Schedule read_schedule(std::string_view id, const json& object) {
    Schedule schedule;
    schedule.id = id;
    schedule.topic = object.at("topic").get<std::string>();
    if (object.contains("key")) schedule.key = object.at("key").get<std::string>();
    schedule.messages = object.at("messages").get<std::vector<std::string>>();
    schedule.random = object.value("pick", "next") == "random";
    schedule.when = {.at = object.value("at", ""),
                     .every = object.value("every", ""),
                     .cron = object.value("cron", ""),
                     .time_zone = object.value("time_zone", "")};
    const auto policy = parse_catch_up(object.value("catch_up", "skip"));
    schedule.catch_up = policy.value_or(CatchUp::skip);
    schedule.created_ms = object.at("created_ms").get<int64_t>();
    return schedule;
}

}  // namespace

std::string_view name(CatchUp policy) {
    switch (policy) {
        case CatchUp::skip:
            return "skip";
        case CatchUp::once:
            return "once";
        case CatchUp::all:
            return "all";
    }
    return "";
}

std::optional<CatchUp> parse_catch_up(std::string_view text) {
    for (const CatchUp policy : {CatchUp::skip, CatchUp::once, CatchUp::all}) {
        if (name(policy) == text) return policy;
    }
    return std::nullopt;
}

std::string definition_key(std::string_view id) {
    return std::string(definition_prefix) + std::string(id);
}

std::string progress_key(std::string_view id) {
    return std::string(progress_prefix) + std::string(id);
}

std::optional<RecordKey> parse_key(std::string_view key) {
    for (const bool progress : {false, true}) {
        const std::string_view prefix = progress ? progress_prefix : definition_prefix;
        if (key.starts_with(prefix)) {
            return RecordKey{progress, std::string(key.substr(prefix.size()))};
        }
    }
    return std::nullopt;
}

std::string to_json(const Schedule& schedule) {
    json object = {{"topic", schedule.topic},
                   {"messages", schedule.messages},
                   {"pick", schedule.random ? "random" : "next"},
                   {"catch_up", name(schedule.catch_up)},
                   {"created_ms", schedule.created_ms}};
    if (schedule.key) object["key"] = *schedule.key;
    put(object, "at", schedule.when.at);
    put(object, "every", schedule.when.every);
    put(object, "cron", schedule.when.cron);
    put(object, "time_zone", schedule.when.time_zone);
    // Messages are bytes: what is no UTF-8 was refused when the schedule was added.
    return object.dump();
}

std::string to_json(const Progress& progress) {
    return json{{"created_ms", progress.created_ms},
                {"fired_until_ms", progress.fired_until_ms},
                {"count", progress.count}}
        .dump();
}

std::expected<Schedule, std::string> schedule_from_json(std::string_view id,
                                                        std::string_view text) {
    try {
        Schedule schedule = read_schedule(id, json::parse(text));
        if (schedule.messages.empty()) return std::unexpected("it has no message");
        return schedule;
    } catch (const json::exception& error) {
        return std::unexpected(error.what());
    }
}

std::expected<Progress, std::string> progress_from_json(std::string_view text) {
    try {
        const json object = json::parse(text);
        return Progress{.created_ms = object.at("created_ms").get<int64_t>(),
                        .fired_until_ms = object.at("fired_until_ms").get<int64_t>(),
                        .count = object.value("count", uint64_t{0})};
    } catch (const json::exception& error) {
        return std::unexpected(error.what());
    }
}

}  // namespace stoker::schedule
