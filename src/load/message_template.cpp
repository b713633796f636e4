#include "load/message_template.hpp"

#include <utility>

namespace stoker::load {
namespace {

using Kind = Field::Kind;
using Words = std::vector<std::string>;

Field text(std::string name, std::string value) {
    return {.name = std::move(name), .kind = Kind::text, .text = std::move(value)};
}

Field id(std::string name, std::string prefix, int64_t low, int64_t high) {
    return {.name = std::move(name),
            .kind = Kind::id,
            .text = std::move(prefix),
            .low = low,
            .high = high};
}

Field whole(std::string name, int64_t low, int64_t high) {
    return {.name = std::move(name), .kind = Kind::whole, .low = low, .high = high};
}

Field decimal(std::string name, int64_t low, int64_t high, int digits) {
    const int64_t scale = power_of_ten(digits);
    return {.name = std::move(name),
            .kind = Kind::decimal,
            .low = low * scale,
            .high = high * scale,
            .digits = digits};
}

Field word(std::string name, Words words) {
    Field field{.name = std::move(name), .kind = Kind::word};
    field.words = std::move(words);
    return field;
}

Field address(std::string name) {
    return {.name = std::move(name), .kind = Kind::address, .low = 1, .high = 255};
}

MessageTemplate made(std::string type, std::string key, std::vector<Field> fields) {
    MessageTemplate result{.type = std::move(type), .key = std::move(key)};
    result.fields = std::move(fields);
    return result;
}

MessageTemplate user_activity() {
    std::vector<Field> fields;
    fields.push_back(id("session_id", "session_", 100'000, 999'999));
    fields.push_back(id("user_id", "user_", 1, 100'000));
    fields.push_back(
        word("action", Words{"login", "logout", "page_view", "click", "search", "purchase",
                             "download", "upload", "add_to_cart", "profile_update"}));
    fields.push_back(word(
        "page", Words{"/home", "/products", "/cart", "/checkout", "/profile", "/search"}));
    fields.push_back(word("device", Words{"desktop", "mobile", "tablet"}));
    fields.push_back(address("ip_address"));
    fields.push_back(whole("duration_ms", 1, 30'000));
    return made("user_activity", "user_id", std::move(fields));
}

MessageTemplate system_metrics() {
    std::vector<Field> fields;
    fields.push_back(id("server_id", "server_", 1, 100));
    fields.push_back(word("metric_name", Words{"cpu_usage", "memory_usage", "disk_usage",
                                               "network_usage", "load_average"}));
    fields.push_back(decimal("value", 0, 100, 2));
    fields.push_back(text("unit", "percent"));
    fields.push_back(word("environment", Words{"production", "staging", "development"}));
    return made("system_metrics", "server_id", std::move(fields));
}

MessageTemplate transaction() {
    std::vector<Field> fields;
    fields.push_back(id("user_id", "user_", 1, 100'000));
    fields.push_back(id("transaction_id", "txn_", 1'000'000, 9'999'999));
    fields.push_back(decimal("amount", 1, 10'000, 2));
    fields.push_back(word("currency", Words{"USD", "EUR", "GBP", "JPY"}));
    fields.push_back(word("payment_method",
                          Words{"credit_card", "debit_card", "paypal", "bank_transfer"}));
    fields.push_back(word("status", Words{"pending", "completed", "failed", "refunded"}));
    return made("transaction", "transaction_id", std::move(fields));
}

MessageTemplate log_event() {
    std::vector<Field> fields;
    fields.push_back(word("level", Words{"DEBUG", "INFO", "WARN", "ERROR", "FATAL"}));
    fields.push_back(word("service", Words{"auth-service", "payment-service", "inventory-service",
                                           "notification-service", "api-gateway"}));
    fields.push_back(id("server_id", "server_", 1, 100));
    fields.push_back(word("message", Words{"request processed", "connection established",
                                           "cache miss", "retry scheduled",
                                           "timeout while waiting", "configuration reloaded"}));
    fields.push_back(id("thread", "worker-", 1, 64));
    return made("log_event", "server_id", std::move(fields));
}

MessageTemplate sensor_data() {
    std::vector<Field> fields;
    fields.push_back(id("sensor_id", "sensor_", 1, 1'000));
    fields.push_back(word("sensor_type", Words{"temperature", "humidity", "pressure", "luminosity",
                                               "motion"}));
    fields.push_back(decimal("value", 0, 100, 2));
    fields.push_back(decimal("latitude", -90, 90, 6));
    fields.push_back(decimal("longitude", -180, 180, 6));
    fields.push_back(decimal("altitude", 0, 5'000, 2));
    fields.push_back(word("quality", Words{"good", "fair", "poor"}));
    return made("sensor_data", "sensor_id", std::move(fields));
}

}  // namespace

std::vector<MessageTemplate> specified_templates() {
    std::vector<MessageTemplate> templates;
    templates.push_back(user_activity());
    templates.push_back(system_metrics());
    templates.push_back(transaction());
    templates.push_back(log_event());
    templates.push_back(sensor_data());
    return templates;
}

int64_t power_of_ten(int digits) {
    int64_t power = 1;
    for (int i = 0; i < digits; ++i) power *= 10;
    return power;
}

}  // namespace stoker::load
