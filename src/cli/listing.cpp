#include "cli/listing.hpp"

#include <algorithm>
#include <cctype>

#include "base/check.hpp"
#include "cli/jackson_text.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

std::string plain(const Cell& cell, std::string_view missing) {
    if (const auto* text = std::get_if<std::string>(&cell)) return *text;
    if (const auto* number = std::get_if<int64_t>(&cell)) return std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&cell)) return *flag ? "true" : "false";
    return std::string(missing);
}

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

void print_json(Writer& out, const Listing& listing) {
    out.write("[");
    for (size_t r = 0; r < listing.rows.size(); ++r) {
        out.write(r == 0 ? "\n  {" : ",\n  {");
        for (size_t c = 0; c < listing.columns.size(); ++c) {
            if (c > 0) out.write(", ");
            const Cell& cell = listing.rows[r][c];
            const auto* text = std::get_if<std::string>(&cell);
            out.write(json_quoted(listing.columns[c]) + ": " +
                      (text != nullptr ? json_quoted(*text) : plain(cell, "null")));
        }
        out.write("}");
    }
    out.line(listing.rows.empty() ? "]" : "\n]");
}

void print_csv(Writer& out, const Listing& listing) {
    out.line(kafka::joined(listing.columns, ","));
    for (const auto& row : listing.rows) {
        std::vector<std::string> fields;
        for (const Cell& cell : row) fields.push_back(csv_field(plain(cell, "")));
        out.line(kafka::joined(fields, ","));
    }
}

void print_table(Writer& out, const Listing& listing) {
    std::vector<std::vector<std::string>> rows(1);
    for (const std::string& column : listing.columns) {
        std::string& title = rows[0].emplace_back(column);
        std::ranges::transform(title, title.begin(), [](unsigned char c) {
            return c == '_' ? '-' : static_cast<char>(std::toupper(c));
        });
    }
    for (const auto& row : listing.rows) {
        std::vector<std::string>& fields = rows.emplace_back();
        for (const Cell& cell : row) fields.push_back(plain(cell, "-"));
    }
    std::vector<size_t> widths(listing.columns.size());
    for (const auto& row : rows) {
        for (size_t c = 0; c < row.size(); ++c) {
            widths[c] = std::max(widths[c], kafka::java_length(row[c]));
        }
    }
    for (const auto& row : rows) {
        std::string line;
        for (size_t c = 0; c < row.size(); ++c) {
            line += row[c];
            if (c + 1 == row.size()) break;
            line.append(widths[c] - kafka::java_length(row[c]) + 2, ' ');
        }
        out.line(line);
    }
}

}  // namespace

const jopt::Option& add_output_option(jopt::Parser& parser) {
    return parser.accepts("output", "Print the listing in this form instead of upstream's.")
        .with_required_arg()
        .one_of({"json", "csv", "table"}, "json|csv|table")
        .extension();
}

std::optional<OutputFormat> output_format(const jopt::OptionSet& options,
                                          const jopt::Option& output) {
    const auto word = options.text(output);
    if (!word) return std::nullopt;
    if (*word == "json") return OutputFormat::json;
    return *word == "csv" ? OutputFormat::csv : OutputFormat::table;
}

void print_listing(Writer& out, OutputFormat format, const Listing& listing) {
    for (const auto& row : listing.rows) {
        STOKER_CHECK(row.size() == listing.columns.size(), "a row has a cell for each column");
    }
    switch (format) {
        case OutputFormat::json:
            return print_json(out, listing);
        case OutputFormat::csv:
            return print_csv(out, listing);
        case OutputFormat::table:
            return print_table(out, listing);
    }
}

}  // namespace stoker::cli
