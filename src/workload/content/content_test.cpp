// What messages are made of: keys, values, templates.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "record/compression.hpp"
#include "workload/content/content.hpp"
#include "workload/seal.hpp"

namespace stoker::workload {
namespace {

constexpr uint64_t seed = 11;
constexpr int draws = 100'000;

std::map<int64_t, int> drawn(const KeyPlan& plan) {
    const KeyTable table(plan);
    Keys keys(plan, table);
    Random64 random(seed);
    std::map<int64_t, int> counts;
    for (int i = 0; i < draws; ++i) ++counts[keys.next(random)];
    return counts;
}

TEST(Keys, uniform_keys_are_all_drawn_about_as_often) {
    const auto counts = drawn({.kind = KeyPlan::Kind::uniform, .count = 10});
    ASSERT_EQ(counts.size(), 10u);
    for (const auto& [key, count] : counts) EXPECT_NEAR(count, draws / 10, 500) << key;
}

TEST(Keys, zipf_draws_the_nth_key_an_nth_as_often_as_the_first) {
    auto counts = drawn({.kind = KeyPlan::Kind::zipf, .count = 1000, .exponent = 1});
    EXPECT_NEAR(double(counts[0]) / counts[1], 2, 0.15);
    EXPECT_NEAR(double(counts[0]) / counts[9], 10, 1.2);
    EXPECT_LT(counts.rbegin()->first, 1000);
}

TEST(Keys, a_hot_set_gets_its_share) {
    const auto counts = drawn(
        {.kind = KeyPlan::Kind::hot_set, .count = 1000, .hot_keys = 5, .hot_share = 0.8});
    int hot = 0;
    for (const auto& [key, count] : counts) hot += key < 5 ? count : 0;
    EXPECT_NEAR(hot, draws * 0.8, 1000);
    EXPECT_GT(counts.size(), 900u);
}

TEST(Keys, sequential_keys_come_one_after_the_other_and_again) {
    const KeyPlan plan{.kind = KeyPlan::Kind::sequential, .count = 3};
    const KeyTable table(plan);
    Keys keys(plan, table);
    Random64 random(seed);
    for (int64_t expected : {0, 1, 2, 0, 1}) EXPECT_EQ(keys.next(random), expected);
}

TEST(Values, fixed_sizes_are_exact) {
    const ValuePlan plan{.bytes = 777};
    const ValuePool pool(plan, seed);
    Values values(plan, pool);
    Random64 random(seed);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(values.next(random).size(), 777u);
}

TEST(Values, lognormal_sizes_have_their_median_and_their_limit) {
    const ValuePlan plan{
        .size = ValuePlan::Size::lognormal, .bytes = 500, .sigma = 1, .bytes_max = 4000};
    const ValuePool pool(plan, seed);
    Values values(plan, pool);
    Random64 random(seed);
    int below = 0;
    for (int i = 0; i < draws; ++i) {
        const size_t size = values.next(random).size();
        EXPECT_LE(size, 4000u);
        below += size < 500;
    }
    EXPECT_NEAR(below, draws / 2, 1000);
}

TEST(Values, compress_by_as_much_as_was_asked_for) {
    for (const double wanted : {0.0, 0.5, 0.9}) {
        const ValuePlan plan{.bytes = 100'000, .compressibility = wanted};
        const ValuePool pool(plan, seed);
        Values values(plan, pool);
        Random64 random(seed);
        const ByteView value = values.next(random);
        const auto packed = record::compress(record::Codec::zstd, value);
        EXPECT_NEAR(double(packed.size()) / double(value.size()), 1 - wanted, 0.08) << wanted;
    }
}

TEST(Content, equal_keys_go_to_the_same_partition) {
    const ContentTables tables({}, seed);
    Content content({}, tables, {.partitions = 5, .seed = seed});
    std::map<std::string, std::set<int32_t>> partitions;
    for (int i = 0; i < 5000; ++i) {
        const MadeMessage message = content.next(0);
        partitions[std::string(text_of(*message.key))].insert(message.partition);
    }
    for (const auto& [key, of_key] : partitions) EXPECT_EQ(of_key.size(), 1u) << key;
}

TEST(Content, without_keys_topics_and_partitions_take_turns) {
    const ContentPlan plan{.keys = {.kind = KeyPlan::Kind::none}};
    const ContentTables tables(plan, seed);
    Content content(plan, tables, {.topics = 2, .partitions = 3, .seed = seed});
    std::map<std::pair<int32_t, int32_t>, int> counts;
    for (int i = 0; i < 600; ++i) {
        const MadeMessage message = content.next(0);
        EXPECT_FALSE(message.key);
        ++counts[{message.topic, message.partition}];
    }
    ASSERT_EQ(counts.size(), 6u);
    for (const auto& [where, count] : counts) EXPECT_EQ(count, 100);
}

TEST(Content, tombstones_have_a_key_and_no_value) {
    ContentPlan plan;
    plan.values.tombstones = 0.25;
    const ContentTables tables(plan, seed);
    Content content(plan, tables, {.seed = seed});
    int tombstones = 0;
    for (int i = 0; i < 10'000; ++i) {
        const MadeMessage message = content.next(0);
        EXPECT_TRUE(message.key);
        tombstones += !message.value;
    }
    EXPECT_NEAR(tombstones, 2500, 250);
}

std::string filled(std::string_view text) {
    const auto compiled = Template::compile(text);
    if (!compiled) return "error: " + compiled.error();
    Random64 random(seed);
    std::string out;
    compiled->write(out, random, {.sequence = 7, .wall_ms = 1'700'000'000'123, .key = "k"});
    return out;
}

TEST(Template, text_stands_for_itself_and_holes_are_filled) {
    EXPECT_EQ(filled("a {{sequence}} b {{key}} {{now_ms}}"), "a 7 b k 1700000000123");
    EXPECT_EQ(filled("{{now}}"), "2023-11-14T22:13:20.123000+00:00");
}

TEST(Template, every_function_that_is_listed_fills_its_hole) {
    for (const auto& function : function_help()) {
        std::string use = std::string(function.usage.substr(0, function.usage.find(' ')));
        if (use == "int") use = "int -5 5";
        if (use == "decimal") use = "decimal 1 2 3";
        if (use == "choice") use = "choice x y";
        if (use == "hex" || use == "letters") use += " 8";
        const std::string out = filled("{{" + use + "}}");
        EXPECT_FALSE(out.empty()) << use;
        EXPECT_FALSE(out.starts_with("error")) << out;
    }
}

TEST(Template, what_is_wrong_is_said_with_its_place_and_with_what_is_allowed) {
    const std::string unknown = filled("ab {{nmae}}");
    EXPECT_TRUE(unknown.starts_with("error: character 4: there is no function 'nmae'")) << unknown;
    EXPECT_NE(unknown.find("first_name"), std::string::npos);
    EXPECT_NE(filled("{{int 5 1}}").find("the lower one first"), std::string::npos);
    EXPECT_NE(filled("{{int 5}}").find("write it as {{int LOW HIGH}}"), std::string::npos);
    EXPECT_NE(filled("{{uuid").find("{{ without }}"), std::string::npos);
}

TEST(Seal, what_was_written_is_read_back_intact) {
    const Seal seal{.run = 1, .producer = 2, .sequence = 3, .intended_wall_ns = 4};
    const auto opened = open(encode(seal, bytes_of("k"), bytes_of("v")), bytes_of("k"),
                             bytes_of("v"));
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->intact);
    EXPECT_EQ(opened->seal, seal);
}

TEST(Seal, a_changed_bit_anywhere_breaks_it) {
    const auto bytes = encode({.run = 1, .sequence = 9}, bytes_of("key"), bytes_of("value"));
    for (size_t i = 0; i < bytes.size() * 8; ++i) {
        auto changed = bytes;
        changed[i / 8] ^= std::byte(1 << (i % 8));
        EXPECT_FALSE(open(changed, bytes_of("key"), bytes_of("value"))->intact) << i;
    }
    EXPECT_FALSE(open(bytes, bytes_of("key"), bytes_of("valuE"))->intact);
    EXPECT_FALSE(open(bytes, bytes_of("keyv"), bytes_of("alue"))->intact);
}

TEST(Seal, a_tombstone_is_not_an_empty_value) {
    const auto bytes = encode({}, bytes_of("k"), std::nullopt);
    EXPECT_TRUE(open(bytes, bytes_of("k"), std::nullopt)->intact);
    EXPECT_FALSE(open(bytes, bytes_of("k"), ByteView())->intact);
    EXPECT_FALSE(open(ByteView(bytes).first(31), bytes_of("k"), std::nullopt));
}

}  // namespace
}  // namespace stoker::workload
