#include "normalise.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "batches.hpp"

namespace stoker::differential {

namespace {

enum class How {
    ignored,
    /// Compared: null, empty or not.
    presence,
    /// Compared: below zero, zero or above.
    sign,
    /// A text that ends with times, or with a record in the words of a class.
    without_range,
    /// Compared unless both lie within the hours after the start of the run, which no producer of
    /// ours uses: append times.
    append_time,
};

struct Rule {
    int16_t key;
    /// The end of the member's path, the indexes of lists left out.
    std::string_view path;
    How how;
    std::string_view reason;
};

constexpr int16_t any = -1;

constexpr std::array rules{
    Rule{any, "host", How::ignored, "each broker has its own address"},
    Rule{any, "port", How::ignored, "each broker has its own address"},
    Rule{any, "cluster_id", How::presence, "made at random when a data directory is new"},
    Rule{any, "throttle_time_ms", How::ignored, "depends on the time that passed"},
    Rule{0, "log_append_time_ms", How::sign, "a time"},
    Rule{0, "batch_index_error_message", How::without_range, "a range about the broker's time"},
    Rule{2, "timestamp", How::append_time, "each broker stamps at its own time"},
    Rule{11, "members.member_id", How::presence, "made at random when a member joins"},
    Rule{15, "member_id", How::presence, "made at random when a member joins"},
    Rule{18, "finalized_features_epoch", How::sign, "an offset of the metadata log"},
    Rule{32, "documentation", How::presence, "our own words"},
    Rule{35, "log_dir", How::ignored, "each broker has its own data directory"},
    Rule{35, "total_bytes", How::sign, "the size of the volume, which others fill too"},
    Rule{35, "usable_bytes", How::sign, "the size of the volume, which others fill too"},
    Rule{55, "high_watermark", How::sign, "an offset of the metadata log"},
    Rule{55, "log_end_offset", How::sign, "an offset of the metadata log"},
    Rule{55, "last_fetch_timestamp", How::sign, "a time"},
    Rule{55, "last_caught_up_timestamp", How::sign, "a time"},
    Rule{55, "leader_epoch", How::sign, "counts the restarts of the metadata quorum"},
    Rule{65, "transaction_start_time_ms", How::sign, "a time"},
    Rule{61, "last_timestamp", How::sign, "a time where the log stamps records itself"},
};

void apply(Tree& value, How how) {
    if (how == How::ignored) {
        value = Tree{.name = value.name, .text = "(ignored)"};
    } else if (how == How::presence) {
        bool null = value.kind == Tree::Kind::leaf && value.text == "null";
        bool empty = value.kind == Tree::Kind::leaf && value.text == "\"\"";
        value = Tree{.name = value.name, .text = null ? "null" : empty ? "empty" : "(present)"};
    } else if (how == How::without_range) {
        for (std::string_view end : {"within [", "in message "}) {
            size_t varies = value.text.find(end);
            if (varies != std::string::npos) value.text.resize(varies);
        }
    } else if (how == How::append_time) {
        constexpr int64_t after_ms = 30'000, hours_ms = 7'200'000;
        int64_t since_base_ms = std::stoll(value.text) - base_time_ms();
        if (since_base_ms > after_ms && since_base_ms < hours_ms) value.text = "(append time)";
    } else {
        bool negative = value.text.starts_with('-');
        value.text = negative ? "negative" : value.text == "0" ? "0" : "positive";
    }
}

bool is_internal(const Tree& item) {
    for (std::string_view member : {"name", "topic", "topic_name"}) {
        const Tree* part = item.find(member);
        if (part && part->text.starts_with("\"__")) return true;
    }
    return false;
}

bool ends_with_path(const std::string& path, std::string_view end) {
    return path.ends_with(end) &&
           (path.size() == end.size() || path[path.size() - end.size() - 1] == '.');
}

void walk(Tree& tree, const std::string& path, int16_t key) {
    if (tree.kind != Tree::Kind::object) {
        for (Tree& item : tree.parts) walk(item, path, key);
        return;
    }
    for (Tree& part : tree.parts) {
        std::string there = path.empty() ? part.name : path + "." + part.name;
        for (const Rule& rule : rules) {
            bool meant = rule.key == any || rule.key == key;
            if (meant && ends_with_path(there, rule.path)) apply(part, rule.how);
        }
        walk(part, there, key);
    }
}

/// Log append times are times: both brokers stamp, each at its own.
void forget_append_times(Tree& tree) {
    constexpr int log_append_time = 8;
    const Tree* attributes = tree.find("attributes");
    bool stamped = attributes && tree.find("records") &&
                   (std::stoi(attributes->text) & log_append_time) != 0;
    for (Tree& part : tree.parts) {
        if (stamped && part.name == "max_timestamp") part.text = "(append time)";
        if (stamped && part.name == "records") {
            for (Tree& record : part.parts) {
                for (Tree& member : record.parts) {
                    if (member.name == "timestamp") member.text = "(append time)";
                }
            }
        }
        forget_append_times(part);
    }
}

/// The internal topics' sizes and offsets are each broker's own business.
void drop_internal_topics(Tree& tree) {
    if (tree.kind == Tree::Kind::list) std::erase_if(tree.parts, is_internal);
    for (Tree& part : tree.parts) drop_internal_topics(part);
}

/// The reference gives the partitions that it found no log for in an entry of their own.
void merge_entries_of_topics(Tree& tree) {
    for (Tree& member : tree.parts) {
        if (member.name != "responses") continue;
        std::vector<Tree> merged;
        for (Tree& topic : member.parts) {
            auto same = std::ranges::find_if(merged, [&](const Tree& other) {
                return other.find("topic")->text == topic.find("topic")->text &&
                       other.find("topic_id")->text == topic.find("topic_id")->text;
            });
            if (same == merged.end()) {
                merged.push_back(std::move(topic));
                continue;
            }
            for (Tree& partition : topic.parts.back().parts) {
                same->parts.back().parts.push_back(std::move(partition));
            }
        }
        member.parts = std::move(merged);
    }
}

/// Where nothing was read because the room ended, the reference says none or an empty list of
/// aborted transactions, as it counted part of a batch or not.
void forget_empty_aborted(Tree& tree) {
    const Tree* records = tree.find("records");
    bool empty = tree.find("aborted_transactions") && records && records->parts.empty();
    for (Tree& part : tree.parts) {
        bool concerned = empty && part.name == "aborted_transactions" && part.parts.empty();
        if (concerned && tree.find("error_code")->text == "NONE") {
            part = Tree{.name = part.name, .text = "(none)"};
        }
        forget_empty_aborted(part);
    }
}

/// "Cannot update these configs dynamically: [b, a]": in the order of somebody's hashes.
void sort_names_in_brackets(Tree& tree) {
    for (Tree& part : tree.parts) {
        size_t first = part.text.find(": [") + 3, last = part.text.rfind(']');
        bool listed = part.name == "error_message" && last != std::string::npos &&
                      part.text.starts_with("\"Cannot update these configs");
        if (listed) {
            std::set<std::string> names;
            std::stringstream all(part.text.substr(first, last - first));
            for (std::string name; std::getline(all >> std::ws, name, ',');) names.insert(name);
            part.text.resize(first);
            for (const std::string& name : names) part.text += name + ' ';
        }
        sort_names_in_brackets(part);
    }
}

/// Configs whose values name a place, or what only the reference has.
constexpr std::array<std::string_view, 11> own_configs{
    // Stoker's defaults are its own here, as docs/configuration.md says.
    "\"group.initial.rebalance.delay.ms\"", "\"num.network.threads\"", "\"node.id\"",
    "\"advertised.listeners\"", "\"controller.listener.names\"",
    "\"controller.quorum.bootstrap.servers\"", "\"listener.security.protocol.map\"",
    "\"listeners\"", "\"log.dir\"", "\"log.dirs\"", "\"metadata.log.dir\""};

/// Loggers have each their level from a broker's own logging configuration.
void forget_own_configs(Tree& tree, bool loggers) {
    constexpr std::string_view broker_logger = "8";
    if (const Tree* type = tree.find("resource_type")) loggers = type->text == broker_logger;
    const Tree* name = tree.find("name");
    bool is_own = loggers || (name && std::ranges::find(own_configs, name->text) !=
                                          own_configs.end());
    if (is_own && tree.find("config_source")) {
        for (Tree& member : tree.parts) {
            bool tells = member.name == "value" || member.name == "synonyms" ||
                         member.name == "config_source";
            if (tells) member = Tree{.name = member.name, .text = "(its own)"};
        }
    }
    for (Tree& part : tree.parts) forget_own_configs(part, loggers);
}

/// Share groups and streams groups come later.
constexpr std::array<std::string_view, 2> later_features{"\"share.version\"",
                                                         "\"streams.version\""};

void drop_unserved_apis(Tree& tree, const std::set<std::string>& served) {
    for (Tree& part : tree.parts) {
        if (part.name.ends_with("features")) {
            std::erase_if(part.parts, [](const Tree& feature) {
                const Tree* name = feature.find("name");
                return name && std::ranges::find(later_features, name->text) !=
                                   later_features.end();
            });
        }
        if (part.name != "api_keys") continue;
        std::erase_if(part.parts, [&](const Tree& api) {
            const Tree* key = api.find("api_key");
            return key && !served.contains(key->text);
        });
    }
}

}  // namespace

void normalise(Tree& answer, int16_t key, const std::set<std::string>& served) {
    constexpr int16_t fetch = 1, api_versions = 18;
    constexpr int16_t describe_configs = 32, describe_log_dirs = 35;
    constexpr int16_t alter_configs = 33, alter_parts = 44;
    walk(answer, "", key);
    if (key == fetch) {
        merge_entries_of_topics(answer);
        forget_append_times(answer);
        forget_empty_aborted(answer);
    }
    if (key == alter_configs || key == alter_parts) sort_names_in_brackets(answer);
    if (key == describe_configs) forget_own_configs(answer, false);
    if (key == api_versions) drop_unserved_apis(answer, served);
    if (key == describe_log_dirs) drop_internal_topics(answer);
    sort_lists(answer);
}

}  // namespace stoker::differential
