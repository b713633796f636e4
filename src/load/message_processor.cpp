#include "load/message_processor.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace stoker::load {
namespace {

constexpr std::string_view not_json = "the value is not a JSON object";
constexpr int64_t second_us = 1'000'000;
/// A number beyond this is in milliseconds: as seconds it would be in the year 5138.
constexpr double seconds_max = 1e11;
constexpr double milliseconds_max = 1e14;

template <class T>
std::optional<T> taken(simdjson::simdjson_result<simdjson::ondemand::value>& value) {
    T result;
    if (value.get(result)) return {};
    return result;
}

/// The two digits at that place, which the text has; negative when they are none.
int two_digits(std::string_view text, size_t at) {
    const unsigned tens = unsigned(text[at]) - '0';
    const unsigned ones = unsigned(text[at + 1]) - '0';
    return tens < 10 && ones < 10 ? int(tens * 10 + ones) : -1;
}

bool skip(std::string_view& text, std::string_view any_of) {
    if (text.empty() || !any_of.contains(text[0])) return false;
    text.remove_prefix(1);
    return true;
}

/// ".123456" as microseconds; further digits do not count.
std::optional<int64_t> fraction_us(std::string_view& text) {
    if (!skip(text, ".,")) return 0;
    int64_t us = 0;
    size_t count = 0;
    for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count)
        if (count < 6) us = us * 10 + (text[count] - '0');
    if (count == 0) return {};
    for (size_t i = count; i < 6; ++i) us *= 10;
    text.remove_prefix(count);
    return us;
}

/// "Z", "+01:00", "+0100", "+01" or nothing, to the end of the text.
std::optional<std::chrono::minutes> zone(std::string_view text) {
    if (text.empty() || text == "Z" || text == "z") return std::chrono::minutes(0);
    const bool is_west = text[0] == '-';
    if (!skip(text, "+-") || text.size() < 2) return {};
    const int hours = two_digits(text, 0);
    text.remove_prefix(2);
    skip(text, ":");
    const int minutes = text.empty() ? 0 : text.size() == 2 ? two_digits(text, 0) : -1;
    if (hours < 0 || minutes < 0 || hours > 23 || minutes > 59) return {};
    std::chrono::minutes east{hours * 60 + minutes};
    return is_west ? -east : east;
}

std::optional<int64_t> time_of(double number) {
    if (!std::isfinite(number) || std::abs(number) > milliseconds_max) return {};
    return int64_t(number * (std::abs(number) > seconds_max ? 1e3 : 1e6));
}

std::string missing_field(std::string_view name) {
    return "the field " + std::string(name) + " is missing";
}

}  // namespace

std::optional<int64_t> time_of(std::string_view text) {
    constexpr std::string_view form = "yyyy-mm-ddThh:mm:ss";
    if (text.size() < form.size() || text[4] != '-' || text[7] != '-' || text[13] != ':' ||
        text[16] != ':' || (text[10] != 'T' && text[10] != 't' && text[10] != ' '))
        return {};
    const int centuries = two_digits(text, 0);
    const int years = two_digits(text, 2);
    const int month = two_digits(text, 5);
    const int day = two_digits(text, 8);
    const int hour = two_digits(text, 11);
    const int minute = two_digits(text, 14);
    const int second = two_digits(text, 17);
    if (std::min({centuries, years, month, day, hour, minute, second}) < 0) return {};
    if (hour > 23 || minute > 59 || second > 60) return {};
    std::chrono::year_month_day date{std::chrono::year(centuries * 100 + years),
                                     std::chrono::month(unsigned(month)),
                                     std::chrono::day(unsigned(day))};
    text.remove_prefix(form.size());
    auto fraction = fraction_us(text);
    if (!date.ok() || !fraction) return {};
    auto east = zone(text);
    if (!east) return {};
    const auto days = std::chrono::sys_days(date).time_since_epoch();
    const auto time =
        days + std::chrono::hours(hour) + std::chrono::minutes(minute) - *east;
    return (std::chrono::seconds(time).count() + second) * second_us + *fraction;
}

MessageProcessor::MessageProcessor(ProcessingRules rules) : rules_(std::move(rules)) {
    slot_of("type");
    for (const std::string& name : rules_.required_fields) {
        const size_t slot = slot_of(name);
        slots_[slot].is_required = true;
        if (name == "timestamp") time_slot_ = slot;
    }
    for (const TypeRule& rule : rules_.types) slot_of_rule_.push_back(slot_of(rule.field));
    for (Slot& slot : slots_) {
        slots_of_class_[class_of(slot.name)].push_back(&slot);
        // The specification's messages have an object there.
        slot.must_be_object = slot.name == "_metadata";
    }
    for (const TypeRule& rule : rules_.types) type_names_.push_back(rule.type);
    type_names_.emplace_back(unknown_type);
}

size_t MessageProcessor::slot_of(const std::string& name) {
    auto at = std::ranges::find(slots_, name, &Slot::name);
    if (at == slots_.end()) at = slots_.insert(at, Slot{.name = name});
    return size_t(at - slots_.begin());
}

/// The name as it stands; nothing where it has an escape and may be another.
std::optional<std::string_view> plain_name(simdjson::ondemand::raw_json_string raw) {
    const char* const begin = raw.raw();
    const char* end = begin;
    // The parser has found the quote at its end.
    while (*end != '"' && *end != '\\') ++end;
    if (*end == '\\') return {};
    return std::string_view(begin, end);
}

/// False when the text is not JSON.
bool MessageProcessor::take(simdjson::simdjson_result<simdjson::ondemand::field> field) {
    simdjson::ondemand::raw_json_string raw;
    if (field.key().get(raw)) return false;
    std::string_view key;
    if (auto plain = plain_name(raw)) key = *plain;
    else if (field.unescaped_key().get(key)) return false;
    auto value = field.value();
    simdjson::ondemand::json_type type;
    if (value.type().get(type)) return false;
    Slot* slot = nullptr;
    for (Slot* one : slots_of_class_[class_of(key)])
        if (one->name == key) slot = one;
    if (slot == nullptr) return true;
    slot->is_there = type != simdjson::ondemand::json_type::null;
    slot->is_object = type == simdjson::ondemand::json_type::object;
    slot->text.reset();
    slot->number.reset();
    if (type == simdjson::ondemand::json_type::string) slot->text = taken<std::string_view>(value);
    if (type == simdjson::ondemand::json_type::number) slot->number = taken<double>(value);
    return true;
}

std::optional<std::string> MessageProcessor::missing() const {
    for (const Slot& slot : slots_) {
        if (!slot.is_required) continue;
        if (!slot.is_there || (slot.must_be_object && !slot.is_object))
            return missing_field(slot.name);
    }
    return {};
}

std::expected<bool, std::string> MessageProcessor::is_alert(const TypeRule& rule,
                                                            const Slot& slot) const {
    const bool wants_number = rule.alert == TypeRule::Alert::above;
    if (!slot.is_there) return std::unexpected(missing_field(slot.name));
    if (wants_number ? !slot.number : !slot.text)
        return std::unexpected("the field " + slot.name + " is not a " +
                               (wants_number ? "number" : "text"));
    switch (rule.alert) {
        case TypeRule::Alert::never:
            return false;
        case TypeRule::Alert::above:
            return *slot.number > rule.threshold;
        case TypeRule::Alert::one_of:
            return std::ranges::find(rule.words, *slot.text) != rule.words.end();
    }
    return false;
}

std::expected<ProcessedMessage, std::string> MessageProcessor::process(std::string_view value) {
    padded_.reserve(value.size() + simdjson::SIMDJSON_PADDING);
    padded_.assign(value);
    for (Slot& slot : slots_) {
        slot.is_there = false;
        slot.text.reset();
        slot.number.reset();
    }
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    simdjson::padded_string_view view(padded_.data(), padded_.size(), padded_.capacity());
    if (parser_.iterate(view).get(document) || document.get_object().get(object))
        return std::unexpected(std::string(not_json));
    for (auto field : object)
        if (field.error() || !take(field)) return std::unexpected(std::string(not_json));
    // simdjson has no better question for "is there text after the object?".
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
        return std::unexpected(std::string(not_json));
    if (auto why = missing()) return std::unexpected(*why);
    ProcessedMessage result{.type = rules_.types.size(), .alert = false, .time_us = {}};
    if (time_slot_) {
        const Slot& time = slots_[*time_slot_];
        result.time_us = time.number ? time_of(*time.number) : time_of(time.text.value_or(""));
        if (!result.time_us) return std::unexpected("the field timestamp is no time");
    }
    for (size_t i = 0; i < rules_.types.size(); ++i) {
        const TypeRule& rule = rules_.types[i];
        if (slots_[0].text != rule.type) continue;
        auto alert = is_alert(rule, slots_[slot_of_rule_[i]]);
        if (!alert) return std::unexpected(alert.error());
        result.type = i;
        result.alert = *alert;
        break;
    }
    return result;
}

}  // namespace stoker::load
