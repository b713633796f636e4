#include "load/message_generator.hpp"

#include <fmt/compile.h>

#include <array>
#include <iterator>
#include <span>

namespace stoker::load {

namespace {

using Words = std::string_view[];

constexpr Words actions{"login",    "logout",   "page_view", "click",       "search",
                        "purchase", "download", "upload",    "add_to_cart", "profile_update"};
constexpr Words pages{"/home", "/products", "/cart", "/checkout", "/profile", "/search"};
constexpr Words devices{"desktop", "mobile", "tablet"};
constexpr Words metrics{"cpu_usage", "memory_usage", "disk_usage", "network_usage", "load_average"};
constexpr Words environments{"production", "staging", "development"};
constexpr Words currencies{"USD", "EUR", "GBP", "JPY"};
constexpr Words payment_methods{"credit_card", "debit_card", "paypal", "bank_transfer"};
constexpr Words payment_states{"pending", "completed", "failed", "refunded"};
constexpr Words levels{"DEBUG", "INFO", "WARN", "ERROR", "FATAL"};
constexpr Words services{"auth-service", "payment-service", "inventory-service",
                         "notification-service", "api-gateway"};
constexpr Words log_texts{"request processed", "connection established", "cache miss",
                          "retry scheduled",   "timeout while waiting",  "configuration reloaded"};
constexpr Words sensor_kinds{"temperature", "humidity", "pressure", "luminosity", "motion"};
constexpr Words qualities{"good", "fair", "poor"};

/// 10 to the power of the number of decimals.
constexpr std::array<int64_t, 7> scales{1, 10, 100, 1'000, 10'000, 100'000, 1'000'000};

}  // namespace

GeneratedMessage MessageGenerator::next(int64_t wall_us) {
    std::string_view time = time_.format(wall_us);
    auto type = MessageType(random_.below(generated_types));
    buffer_.clear();
    text("{\"type\": \"");
    text(name(type));
    text("\", \"timestamp\": \"");
    text(time);
    text("\"");
    switch (type) {
        case MessageType::user_activity:
            user_activity();
            break;
        case MessageType::system_metrics:
            system_metrics();
            break;
        case MessageType::transaction:
            transaction();
            break;
        case MessageType::log_event:
            log_event();
            break;
        case MessageType::sensor_data:
            sensor_data();
            break;
        case MessageType::other:
            break;
    }
    metadata(time);
    if (buffer_.size() + 1 < size_min_) pad();
    text("}");
    return {type, {buffer_.data() + key_at_, key_size_}, {buffer_.data(), buffer_.size()}};
}

void MessageGenerator::user_activity() {
    id("session_id", "session_", 100'000, 999'999);
    id("user_id", "user_", 1, 100'000);
    word("action", actions);
    word("page", pages);
    word("device", devices);
    fmt::format_to(std::back_inserter(buffer_),
                   FMT_COMPILE(", \"ip_address\": \"{}.{}.{}.{}\", \"duration_ms\": {}"),
                   between(1, 255), between(1, 255), between(1, 255), between(1, 255),
                   between(1, 30'000));
}

void MessageGenerator::system_metrics() {
    id("server_id", "server_", 1, 100);
    word("metric_name", metrics);
    decimal("value", 0, 100, 2);
    text(", \"unit\": \"percent\"");
    word("environment", environments);
}

void MessageGenerator::transaction() {
    id("user_id", "user_", 1, 100'000);
    id("transaction_id", "txn_", 1'000'000, 9'999'999);
    decimal("amount", 1, 10'000, 2);
    word("currency", currencies);
    word("payment_method", payment_methods);
    word("status", payment_states);
}

void MessageGenerator::log_event() {
    word("level", levels);
    word("service", services);
    id("server_id", "server_", 1, 100);
    word("message", log_texts);
    fmt::format_to(std::back_inserter(buffer_), FMT_COMPILE(", \"thread\": \"worker-{}\""),
                   between(1, 64));
}

void MessageGenerator::sensor_data() {
    id("sensor_id", "sensor_", 1, 1'000);
    word("sensor_type", sensor_kinds);
    decimal("value", 0, 100, 2);
    decimal("latitude", -90, 90, 6);
    decimal("longitude", -180, 180, 6);
    decimal("altitude", 0, 5'000, 2);
    word("quality", qualities);
}

void MessageGenerator::metadata(std::string_view time) {
    text(", \"_metadata\": {\"generated_at\": \"");
    text(time);
    text("\", \"message_id\": \"msg_");
    number(between(1'000'000, 9'999'999));
    text("\", \"version\": \"1.0\", \"source\": \"kafka_producer_bomber\"}");
}

void MessageGenerator::pad() {
    constexpr std::string_view begin = ", \"padding\": \"";
    constexpr size_t fixed = begin.size() + 2;  // the closing quote and the closing brace
    size_t size = buffer_.size();
    text(begin);
    buffer_.resize(std::max(size_min_ - 1, size + fixed - 1) - 1);
    std::fill(buffer_.data() + size + begin.size(), buffer_.data() + buffer_.size(), 'x');
    text("\"");
}

void MessageGenerator::number(int64_t value) {
    fmt::format_int digits(value);
    buffer_.append(digits.data(), digits.data() + digits.size());
}

void MessageGenerator::id(std::string_view field, std::string_view prefix, int64_t low,
                          int64_t high) {
    text(", \"");
    text(field);
    text("\": \"");
    key_at_ = buffer_.size();
    text(prefix);
    number(between(low, high));
    key_size_ = buffer_.size() - key_at_;
    text("\"");
}

void MessageGenerator::decimal(std::string_view field, int64_t low, int64_t high, int decimals) {
    int64_t scale = scales[size_t(decimals)];
    int64_t scaled = between(low * scale, high * scale);
    text(", \"");
    text(field);
    text(scaled < 0 ? "\": -" : "\": ");
    scaled = std::abs(scaled);
    number(scaled / scale);
    text(".");
    // A leading 1 keeps the zeros of the fraction: 1000042 is ".000042".
    fmt::format_int fraction(scale + scaled % scale);
    buffer_.append(fraction.data() + 1, fraction.data() + fraction.size());
}

void MessageGenerator::word(std::string_view field, std::span<const std::string_view> choices) {
    text(", \"");
    text(field);
    text("\": \"");
    text(choices[random_.below(choices.size())]);
    text("\"");
}

int64_t MessageGenerator::between(int64_t low, int64_t high) {
    return low + int64_t(random_.below(uint64_t(high - low) + 1));
}

}  // namespace stoker::load
