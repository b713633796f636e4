// MessageProcessor: what the consumer does with a message. It checks that the value is a JSON
// object with the required fields in the form that they ought to have, brings the time of the
// message to one form, takes out what the rule of its type needs, and says whether it is an alert.
// How long a "business" takes to do that is simulated by the caller.
#pragma once

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "load/processing_rules.hpp"

namespace stoker::load {

struct ProcessedMessage {
    /// Of type_names(); the last one where no rule has it.
    size_t type = 0;
    /// A metric or an amount above its threshold, an ERROR or FATAL log, a sensor of poor quality.
    bool alert = false;
    /// When it was made: microseconds since 1970. Nothing when timestamp is not a required field.
    std::optional<int64_t> time_us;
};

inline constexpr std::string_view unknown_type = "unknown";

/// "2026-01-01T12:00:00.123456+01:00" (the fraction and the zone may be absent, then it is UTC; a
/// blank may stand for the T) in microseconds since 1970.
std::optional<int64_t> time_of(std::string_view text);

/// One thread; reuses its buffers.
class MessageProcessor {
public:
    explicit MessageProcessor(ProcessingRules rules = specified_rules());
    MessageProcessor(const MessageProcessor&) = delete;
    MessageProcessor& operator=(const MessageProcessor&) = delete;

    /// Those that have a rule, and unknown_type.
    const std::vector<std::string>& type_names() const { return type_names_; }

    /// The error is a clause that says what is wrong with the message, and no value of it.
    std::expected<ProcessedMessage, std::string> process(std::string_view value);

private:
    /// A field that some rule looks at, and what the message at hand has there.
    struct Slot {
        std::string name;
        bool is_required = false;
        bool is_there = false;
        std::optional<std::string_view> text{};
        std::optional<double> number{};
        bool is_object = false;
        bool must_be_object = false;
    };

    size_t slot_of(const std::string& name);
    bool take(simdjson::simdjson_result<simdjson::ondemand::field> field);
    std::optional<std::string> missing() const;
    std::expected<bool, std::string> is_alert(const TypeRule& rule, const Slot& slot) const;

    ProcessingRules rules_;
    std::vector<Slot> slots_;  ///< the first is the type
    std::vector<size_t> slot_of_rule_;
    std::vector<std::string> type_names_;
    /// A name's length and first letter tell most of them apart.
    static constexpr size_t name_classes = 64;
    static size_t class_of(std::string_view name) {
        return name.empty() ? 0 : (name.size() * 5 + size_t(name[0])) % name_classes;
    }
    std::array<std::vector<Slot*>, name_classes> slots_of_class_;
    std::optional<size_t> time_slot_;
    simdjson::ondemand::parser parser_;
    std::string padded_;  ///< simdjson reads a little beyond the end
};

}  // namespace stoker::load
