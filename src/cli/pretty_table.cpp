#include "cli/pretty_table.hpp"

#include <algorithm>

#include "kafka/java_text.hpp"

namespace stoker::cli {

void print_pretty_table(Writer& out, const std::vector<std::string>& headers,
                        const std::vector<std::vector<std::string>>& rows) {
    std::vector<size_t> widths;
    for (const std::string& header : headers) widths.push_back(kafka::java_length(header));
    for (const auto& row : rows) {
        for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            widths[i] = std::max(widths[i], kafka::java_length(row[i]));
        }
    }
    auto print = [&](const std::vector<std::string>& row) {
        std::string line;
        for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
            line += row[i] + std::string(widths[i] - kafka::java_length(row[i]), ' ') + '\t';
        }
        out.line(line);
    };
    print(headers);
    for (const auto& row : rows) print(row);
}

}  // namespace stoker::cli
