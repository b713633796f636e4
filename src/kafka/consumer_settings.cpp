#include "kafka/consumer_settings.hpp"

#include "kafka/config_choice.hpp"
#include "kafka/java_time.hpp"

namespace stoker::kafka {
namespace {

class Reader {
public:
    explicit Reader(const ClientProperties& from) : from_(from) {}

    void read(std::string_view name, int32_t& into, int64_t at_least) {
        check(name, from_.get_int(name, into), into, at_least);
    }
    void read(std::string_view name, int64_t& into, int64_t at_least) {
        check(name, from_.get_long(name, into), into, at_least);
    }
    void read(std::string_view name, bool& into) { take(from_.get_boolean(name, into), into); }
    bool is_first(std::string_view name, std::string_view otherwise,
                  std::initializer_list<std::string_view> words) {
        std::string word(otherwise);
        take(one_of(name, from_.get_or(name, otherwise), words), word);
        return word == *words.begin();
    }
    void refuse(Failure why) {
        if (!failure_) failure_ = std::move(why);
    }
    const std::optional<Failure>& failure() const { return failure_; }

private:
    template <class T>
    void take(Outcome<T> value, T& into) {
        if (value) into = std::move(*value);
        else refuse(value.error());
    }
    template <class T>
    void check(std::string_view name, Outcome<T> value, T& into, int64_t at_least) {
        take(std::move(value), into);
        if (into >= at_least) return;
        refuse(invalid_value(name, std::to_string(into),
                             "Value must be at least " + std::to_string(at_least)));
    }

    const ClientProperties& from_;
    std::optional<Failure> failure_;
};

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = char(c + ('a' - 'A'));
    }
    return text;
}

Outcome<OffsetReset> read_reset(const ClientProperties& from) {
    using Kind = OffsetReset::Kind;
    const std::string text = from.get_or("auto.offset.reset", "latest");
    const std::string word = lower(text);
    constexpr std::string_view by_duration = "by_duration:";
    if (word == "earliest") return OffsetReset{Kind::earliest};
    if (word == "latest") return OffsetReset{Kind::latest};
    if (word == "none") return OffsetReset{Kind::none};
    if (word.starts_with(by_duration)) {
        const auto ms = parse_duration_ms(std::string_view(text).substr(by_duration.size()));
        if (ms) return OffsetReset{.kind = Kind::by_duration, .duration_ms = *ms};
    }
    return failed(invalid_value("auto.offset.reset", text,
                                "Invalid value `" + text +
                                    "` for configuration auto.offset.reset. The value must be "
                                    "either 'earliest', 'latest', 'none' or of the format "
                                    "'by_duration:<PnDTnHnMn.nS.>'."));
}

Outcome<std::vector<std::string>> read_assignors(const ClientProperties& from) {
    constexpr std::string_view setting = "partition.assignment.strategy";
    std::vector<std::string> names;
    for (const std::string& class_name : from.get_list(setting)) {
        const std::string simple = class_name.substr(class_name.rfind('.') + 1);
        if (simple == "RangeAssignor") {
            names.push_back("range");
        } else if (simple == "RoundRobinAssignor") {
            names.push_back("roundrobin");
        } else if (simple == "CooperativeStickyAssignor") {
            names.emplace_back(cooperative_sticky);
        } else {
            return failed(kafka_exception(
                class_name + " is not served: use org.apache.kafka.clients.consumer."
                             "RangeAssignor, RoundRobinAssignor or CooperativeStickyAssignor"));
        }
    }
    // Java's default: whoever drops the first joins groups of either.
    if (names.empty()) names = {"range", std::string(cooperative_sticky)};
    return names;
}

void read_numbers(Reader& reader, ConsumerSettings& settings) {
    reader.read("enable.auto.commit", settings.auto_commit);
    int32_t interval = int32_t(settings.auto_commit_interval_ms);
    reader.read("auto.commit.interval.ms", interval, 0);
    settings.auto_commit_interval_ms = interval;
    reader.read("allow.auto.create.topics", settings.allow_auto_create_topics);
    reader.read("check.crcs", settings.check_crcs);
    reader.read("exclude.internal.topics", settings.exclude_internal_topics);
    reader.read("fetch.min.bytes", settings.fetch_min_bytes, 0);
    reader.read("fetch.max.wait.ms", settings.fetch_max_wait_ms, 0);
    reader.read("fetch.max.bytes", settings.fetch_max_bytes, 0);
    reader.read("max.partition.fetch.bytes", settings.partition_max_bytes, 0);
    reader.read("session.timeout.ms", settings.session_timeout_ms, 0);
    reader.read("heartbeat.interval.ms", settings.heartbeat_interval_ms, 0);
    reader.read("max.poll.interval.ms", settings.max_poll_interval_ms, 1);
    reader.read("max.poll.records", settings.max_poll_records, 1);
    reader.read("metadata.max.age.ms", settings.metadata_max_age_ms, 0);
}

}  // namespace

Outcome<ConsumerSettings> read_consumer_settings(const ClientProperties& properties) {
    ConsumerSettings settings;
    auto common = read_common_settings(properties);
    if (!common) return failed(common.error());
    settings.common = std::move(*common);
    settings.group_id = properties.get("group.id");
    if (settings.common.client_id.empty()) {
        settings.common.client_id =
            settings.group_id ? "consumer-" + *settings.group_id + "-1" : "consumer-null-1";
    }
    settings.name = "Consumer clientId=" + settings.common.client_id +
                    ", groupId=" + settings.group_id.value_or("null");
    settings.group_instance_id = properties.get("group.instance.id");
    settings.remote_assignor = properties.get("group.remote.assignor");
    settings.rack = properties.get_or("client.rack", "");

    Reader reader(properties);
    read_numbers(reader, settings);
    settings.read_committed = reader.is_first("isolation.level", "read_uncommitted",
                                              {"read_committed", "read_uncommitted"});
    const std::string protocol = lower(properties.get_or("group.protocol", "classic"));
    if (protocol != "classic" && protocol != "consumer") {
        reader.refuse(invalid_value("group.protocol", properties.get_or("group.protocol", ""),
                                    "String must be one of (case insensitive): CLASSIC, "
                                    "CONSUMER"));
    }
    settings.consumer_protocol = protocol == "consumer";
    auto reset = read_reset(properties);
    if (!reset) reader.refuse(reset.error());
    else settings.reset = *reset;
    auto assignors = read_assignors(properties);
    if (!assignors) reader.refuse(assignors.error());
    else settings.assignors = std::move(*assignors);
    if (!settings.group_id && !properties.has("enable.auto.commit")) settings.auto_commit = false;
    if (reader.failure()) return failed(*reader.failure());
    return settings;
}

}  // namespace stoker::kafka
