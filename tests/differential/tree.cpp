#include "tree.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace stoker::differential {

namespace {

/// Members that tell the items of a list apart, the most telling first.
constexpr std::array<std::string_view, 20> naming_members{
    "name",          "topic",        "topic_name", "topic_id",      "partition_index",
    "partition",     "index",        "partition_id", "resource_type", "resource_name",
    "group_id",      "key",          "api_key",    "feature",       "member_id",
    "transactional_id", "producer_id", "node_id",  "broker_id",     "replica_id"};

std::string name_of_item(const Tree& item) {
    std::string found;
    for (std::string_view member : naming_members) {
        if (const Tree* part = item.find(member)) found += part->text + '\x01';
    }
    return found;
}

/// Lists of different length: only what one of them lacks, if the items have names.
bool compare_by_name(const Tree& kafka, const Tree& stoker, const std::string& path,
                     std::vector<Difference>& found) {
    std::map<std::string, std::pair<const Tree*, const Tree*>> pairs;
    for (const Tree& item : kafka.parts) pairs[name_of_item(item)].first = &item;
    for (const Tree& item : stoker.parts) pairs[name_of_item(item)].second = &item;
    // Without names, or with a name twice, there are fewer.
    auto in_both = size_t(std::ranges::count_if(pairs, [](const auto& pair) {
        return pair.second.first && pair.second.second;
    }));
    if (pairs.size() + in_both != kafka.parts.size() + stoker.parts.size()) return false;
    if (pairs.contains("")) return false;
    for (const auto& [name, items] : pairs) {
        if (items.first && items.second) continue;
        found.push_back({path + "[]", items.first ? to_text(*items.first) : "(none)",
                         items.second ? to_text(*items.second) : "(none)"});
    }
    return true;
}

void compare(const Tree& kafka, const Tree& stoker, const std::string& path,
             std::vector<Difference>& found) {
    if (kafka == stoker) return;
    bool lists = kafka.kind == Tree::Kind::list && stoker.kind == Tree::Kind::list;
    bool objects = kafka.kind == Tree::Kind::object && stoker.kind == Tree::Kind::object;
    if (lists && kafka.parts.size() != stoker.parts.size() &&
        compare_by_name(kafka, stoker, path, found)) {
        return;
    }
    if ((!lists && !objects) || kafka.parts.size() != stoker.parts.size()) {
        found.push_back({path, to_text(kafka), to_text(stoker)});
        return;
    }
    for (size_t i = 0; i < kafka.parts.size(); ++i) {
        std::string step = lists ? "[" + std::to_string(i) + "]"
                                 : (path.empty() ? "" : ".") + kafka.parts[i].name;
        compare(kafka.parts[i], stoker.parts[i], path + step, found);
    }
}

}  // namespace

const Tree* Tree::find(std::string_view member) const {
    auto found = std::ranges::find(parts, member, &Tree::name);
    return kind == Kind::object && found != parts.end() ? &*found : nullptr;
}

Tree leaf(std::string text) {
    Tree tree;
    tree.text = std::move(text);
    return tree;
}

std::string to_text(const Tree& tree) {
    if (tree.kind == Tree::Kind::leaf) return tree.text;
    bool list = tree.kind == Tree::Kind::list;
    std::string text = list ? "[" : "{";
    for (const Tree& part : tree.parts) {
        if (&part != tree.parts.data()) text += ", ";
        if (!list) text += part.name + ": ";
        text += to_text(part);
    }
    return text + (list ? "]" : "}");
}

void sort_lists(Tree& tree) {
    for (Tree& part : tree.parts) sort_lists(part);
    if (tree.kind != Tree::Kind::list || tree.ordered) return;
    std::ranges::sort(tree.parts, {}, [](const Tree& item) {
        return std::pair(name_of_item(item), to_text(item));
    });
}

std::vector<Difference> differences(const Tree& kafka, const Tree& stoker) {
    std::vector<Difference> found;
    compare(kafka, stoker, "", found);
    return found;
}

}  // namespace stoker::differential
