#include "load/yaml.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

namespace stoker::load::yaml {
namespace {

std::string at(const YAML::Node& where, const std::string& what) {
    const int line = where.Mark().line;
    return line < 0 ? what : fmt::format("{}: {}", line + 1, what);
}

template <class T>
T number(const YAML::Node& node, std::string_view what, T low, T high, const char* kind) {
    const std::string given = text(node, what);
    T value{};
    auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), value);
    const bool is_number = error == std::errc() && end == given.data() + given.size();
    if (!is_number || !(value >= low && value <= high))
        throw Complaint(node, fmt::format("{} is \"{}\": give {} from {} to {}", what, given, kind,
                                          low, high));
    return value;
}

}  // namespace

Complaint::Complaint(const YAML::Node& where, const std::string& what)
    : std::runtime_error(at(where, what)) {}

void for_each(const YAML::Node& node, std::string_view what,
              const std::function<void(const std::string&, const YAML::Node&)>& visit) {
    if (!node.IsDefined() || node.IsNull()) return;
    if (!node.IsMap()) throw Complaint(node, fmt::format("{}: give names with values", what));
    std::set<std::string> seen;
    for (const auto& entry : node) {
        const std::string key = text(entry.first, what);
        if (!seen.insert(key).second)
            throw Complaint(entry.first, fmt::format("{} has {} twice", what, key));
        visit(key, entry.second);
    }
}

std::string text(const YAML::Node& node, std::string_view what) {
    if (!node.IsScalar()) throw Complaint(node, fmt::format("{}: give one value", what));
    return node.Scalar();
}

int64_t whole(const YAML::Node& node, std::string_view what, int64_t low, int64_t high) {
    return number<int64_t>(node, what, low, high, "a whole number");
}

double decimal(const YAML::Node& node, std::string_view what, double low, double high) {
    return number<double>(node, what, low, high, "a number");
}

std::vector<std::string> texts(const YAML::Node& node, std::string_view what, size_t count_max) {
    if (!node.IsSequence() || node.size() == 0 || node.size() > count_max)
        throw Complaint(node, fmt::format("{}: give a list of 1 to {} values", what, count_max));
    std::vector<std::string> result;
    for (const auto& element : node) result.push_back(text(element, what));
    return result;
}

}  // namespace stoker::load::yaml
