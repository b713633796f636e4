#include "cli/jackson_csv.hpp"

#include <algorithm>
#include <cstddef>

#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

constexpr size_t unquoted_length_max = 24;

bool is_safe(char c) {
    return static_cast<unsigned char>(c) >= '-';
}

}  // namespace

std::string jackson_csv_line(const std::vector<std::string>& values) {
    std::string line;
    for (const std::string& value : values) {
        if (&value != &values.front()) line += ',';
        const bool is_number =
            !value.empty() && value.find_first_not_of("-0123456789") == std::string::npos;
        const bool plain = is_number || (kafka::java_length(value) <= unquoted_length_max &&
                                         std::ranges::all_of(value, is_safe));
        if (plain) {
            line += value;
            continue;
        }
        line += '"';
        for (const char c : value) {
            if (c == '"') line += '"';
            line += c;
        }
        line += '"';
    }
    return line + "\n";
}

std::vector<std::string> split_csv_line(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    std::vector<std::string> values(1);
    bool quoted = false;
    for (size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
            values.back() += '"';
            ++i;
        } else if (c == '"' && (quoted || values.back().empty())) {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            values.emplace_back();
        } else {
            values.back() += c;
        }
    }
    return values;
}

}  // namespace stoker::cli
