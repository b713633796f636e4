#include "load/message_generator.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace stoker::load {
namespace {

using Json = nlohmann::json;

constexpr int64_t noon_us = 1'767'268'800'000'000;

/// Calls `check` with many messages of one type, from many seeds.
template <class Check>
void for_each_message(std::string_view type, Check check) {
    int found = 0;
    for (uint64_t seed = 1; seed <= 50; ++seed) {
        MessageGenerator generator(seed);
        for (int i = 0; i < 300; ++i) {
            auto message = generator.next(noon_us + i);
            Json json = Json::parse(message.value);
            ASSERT_EQ(json["type"], message.type);
            if (json["type"] != type) continue;
            ++found;
            check(json);
            if (testing::Test::HasFailure()) FAIL() << "seed " << seed << ": " << message.value;
        }
    }
    EXPECT_GT(found, 2000);
}

/// The number after a prefix, as in "user_17"; -1 when it is anything else.
int64_t number_after(const std::string& text, const std::string& prefix) {
    if (!text.starts_with(prefix)) return -1;
    std::string digits = text.substr(prefix.size());
    bool plain = !digits.empty() && digits.find_first_not_of("0123456789") == std::string::npos;
    return plain && digits[0] != '0' ? std::stoll(digits) : -1;
}

void expect_id(const Json& json, const char* field, const char* prefix, int64_t low, int64_t high) {
    int64_t number = number_after(json.at(field), prefix);
    EXPECT_GE(number, low) << field;
    EXPECT_LE(number, high) << field;
}

void expect_float(const Json& json, const char* field, double low, double high) {
    ASSERT_TRUE(json.at(field).is_number_float()) << field;
    EXPECT_GE(json[field].get<double>(), low) << field;
    EXPECT_LE(json[field].get<double>(), high) << field;
}

TEST(MessageGenerator, every_message_has_type_timestamp_and_metadata) {
    MessageGenerator generator(1);
    for (int i = 0; i < 1000; ++i) {
        Json json = Json::parse(generator.next(noon_us).value);
        EXPECT_EQ(json["timestamp"], "2026-01-01T12:00:00.000000+00:00");
        const Json& metadata = json["_metadata"];
        EXPECT_EQ(metadata.size(), 4u);
        EXPECT_EQ(metadata["generated_at"], json["timestamp"]);
        EXPECT_EQ(metadata["version"], "1.0");
        EXPECT_EQ(metadata["source"], "kafka_producer_bomber");
        expect_id(metadata, "message_id", "msg_", 1'000'000, 9'999'999);
    }
}

TEST(MessageGenerator, the_message_opens_with_its_type) {
    MessageGenerator generator(1);
    auto message = generator.next(noon_us);
    std::string start = "{\"type\": \"" + std::string(message.type) + "\", \"timestamp\": ";
    EXPECT_TRUE(message.value.starts_with(start)) << message.value;
}

TEST(MessageGenerator, user_activity_keeps_to_its_ranges) {
    for_each_message("user_activity", [](const Json& json) {
        expect_id(json, "user_id", "user_", 1, 100'000);
        expect_id(json, "session_id", "session_", 100'000, 999'999);
        EXPECT_TRUE(json.at("action").is_string());
        std::string ip = json.at("ip_address");
        int parts = 0;
        for (size_t at = 0; at < ip.size(); ++parts) {
            size_t dot = std::min(ip.find('.', at), ip.size());
            int part = std::stoi(ip.substr(at, dot - at));
            EXPECT_TRUE(part >= 1 && part <= 255) << ip;
            at = dot + 1;
        }
        EXPECT_EQ(parts, 4);
    });
}

TEST(MessageGenerator, system_metrics_keep_to_their_ranges) {
    for_each_message("system_metrics", [](const Json& json) {
        expect_id(json, "server_id", "server_", 1, 100);
        expect_float(json, "value", 0, 100);
        EXPECT_TRUE(json.at("metric_name").is_string());
    });
}

TEST(MessageGenerator, transactions_keep_to_their_ranges) {
    std::set<std::string> currencies;
    for_each_message("transaction", [&](const Json& json) {
        expect_id(json, "transaction_id", "txn_", 1'000'000, 9'999'999);
        expect_float(json, "amount", 1, 10'000);
        currencies.insert(json.at("currency"));
    });
    EXPECT_EQ(currencies, (std::set<std::string>{"USD", "EUR", "GBP", "JPY"}));
}

TEST(MessageGenerator, log_events_have_the_five_levels) {
    std::set<std::string> levels;
    for_each_message("log_event", [&](const Json& json) {
        levels.insert(json.at("level"));
        EXPECT_TRUE(json.at("message").is_string());
    });
    EXPECT_EQ(levels, (std::set<std::string>{"DEBUG", "INFO", "WARN", "ERROR", "FATAL"}));
}

TEST(MessageGenerator, sensor_data_keeps_to_its_ranges_with_six_decimals_for_places) {
    std::set<std::string> qualities;
    double south = 0;
    for_each_message("sensor_data", [&](const Json& json) {
        expect_id(json, "sensor_id", "sensor_", 1, 1'000);
        expect_float(json, "latitude", -90, 90);
        expect_float(json, "longitude", -180, 180);
        expect_float(json, "altitude", 0, 5'000);
        qualities.insert(json.at("quality"));
        south = std::min(south, json["latitude"].get<double>());
    });
    EXPECT_EQ(qualities, (std::set<std::string>{"good", "fair", "poor"}));
    EXPECT_LT(south, -80);
    MessageGenerator generator(2);
    for (int i = 0; i < 100; ++i) {
        std::string text(generator.next(noon_us).value);
        size_t at = text.find("\"latitude\": ");
        if (at == std::string::npos) continue;
        size_t dot = text.find('.', at);
        EXPECT_EQ(text.find(',', dot) - dot, 7u) << text;
    }
}

TEST(MessageGenerator, all_five_types_are_equally_likely) {
    std::map<std::string, int> counts;
    MessageGenerator generator(3);
    for (int i = 0; i < 50'000; ++i) ++counts[std::string(generator.next(noon_us).type)];
    EXPECT_EQ(counts.size(), 5u);
    for (auto& [type, count] : counts) EXPECT_NEAR(count, 10'000, 400) << type;
}

TEST(MessageGenerator, the_key_is_an_id_that_the_message_holds) {
    MessageGenerator generator(4);
    for (int i = 0; i < 1000; ++i) {
        auto message = generator.next(noon_us);
        Json json = Json::parse(message.value);
        bool held = false;
        for (auto& [field, value] : json.items()) held |= value == message.key;
        EXPECT_TRUE(held) << message.key << " in " << message.value;
    }
}

TEST(MessageGenerator, the_same_seed_gives_the_same_messages) {
    MessageGenerator a(9);
    MessageGenerator b(9);
    MessageGenerator other(10);
    std::string first(a.next(noon_us).value);
    EXPECT_EQ(first, b.next(noon_us).value);
    EXPECT_NE(first, other.next(noon_us).value);
}

TEST(MessageGenerator, pads_to_exactly_the_wanted_size_when_the_field_fits) {
    MessageGenerator generator(11, 1024);
    for (int i = 0; i < 200; ++i) {
        auto message = generator.next(noon_us);
        EXPECT_EQ(message.value.size(), 1024u);
        EXPECT_TRUE(Json::parse(message.value).at("padding").is_string());
    }
}

TEST(MessageGenerator, the_least_size_that_it_names_is_exact_for_every_message) {
    const size_t size = MessageGenerator(1).size_max();
    EXPECT_LT(size, 600u);
    MessageGenerator generator(13, size);
    for (int i = 0; i < 5000; ++i) ASSERT_EQ(generator.next(noon_us + i).value.size(), size);
}

TEST(MessageGenerator, makes_what_a_template_says) {
    std::vector<Field> fields;
    fields.push_back({.name = "a\"b", .kind = Field::Kind::text, .text = "x\ny"});
    fields.push_back({.name = "n", .kind = Field::Kind::whole, .low = -2, .high = -2});
    fields.push_back(
        {.name = "d", .kind = Field::Kind::decimal, .low = -5, .high = -5, .digits = 2});
    fields.push_back({.name = "ip", .kind = Field::Kind::address, .low = 7, .high = 7});
    fields.push_back({.name = "id", .kind = Field::Kind::id, .text = "o_", .low = 3, .high = 3});
    MessageTemplate often{.type = "often", .weight = 9, .key = "id"};
    often.fields = fields;
    MessageTemplate never{.type = "never", .weight = 0, .key = ""};
    MessageTemplate seldom{.type = "seldom", .weight = 1, .key = ""};
    MessageGenerator generator(14, 0, {often, never, seldom});
    std::map<std::string, int> counts;
    for (int i = 0; i < 2000; ++i) {
        auto message = generator.next(noon_us);
        ++counts[std::string(message.type)];
        if (message.type == "seldom") {
            EXPECT_EQ(message.key, "");
            continue;
        }
        ASSERT_EQ(message.key, "o_3");
        Json json = Json::parse(message.value);
        EXPECT_EQ(json["a\"b"], "x\ny");
        EXPECT_EQ(json["n"], -2);
        EXPECT_DOUBLE_EQ(json["d"].get<double>(), -0.05);
        EXPECT_EQ(json["ip"], "7.7.7.7");
        EXPECT_EQ(json["id"], "o_3");
    }
    EXPECT_EQ(counts.size(), 2u);
    EXPECT_NEAR(counts["seldom"], 200, 60);
}

TEST(MessageGenerator, a_message_that_just_misses_the_size_stays_valid) {
    size_t natural = MessageGenerator(12).next(noon_us).value.size();
    for (size_t more = 0; more < 40; ++more) {
        MessageGenerator generator(12, natural + more);
        auto message = generator.next(noon_us);
        EXPECT_TRUE(Json::accept(message.value)) << message.value;
        EXPECT_GE(message.value.size(), natural + more);
    }
}

}  // namespace
}  // namespace stoker::load
