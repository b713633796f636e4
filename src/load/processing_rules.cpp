#include "load/processing_rules.hpp"

#include <utility>

namespace stoker::load {
namespace {

using Alert = TypeRule::Alert;

TypeRule above(std::string type, std::string field, double threshold) {
    return {.type = std::move(type),
            .field = std::move(field),
            .alert = Alert::above,
            .threshold = threshold};
}

TypeRule one_of(std::string type, std::string field, std::vector<std::string> words) {
    TypeRule rule{.type = std::move(type), .field = std::move(field), .alert = Alert::one_of};
    rule.words = std::move(words);
    return rule;
}

}  // namespace

ProcessingRules specified_rules() {
    ProcessingRules rules;
    rules.required_fields.push_back("timestamp");
    rules.required_fields.push_back("_metadata");
    rules.types.push_back({.type = "user_activity", .field = "action"});
    rules.types.push_back(above("system_metrics", "value", 80));
    rules.types.push_back(above("transaction", "amount", 1000));
    rules.types.push_back(one_of("log_event", "level", {"ERROR", "FATAL"}));
    rules.types.push_back(one_of("sensor_data", "quality", {"poor"}));
    return rules;
}

}  // namespace stoker::load
