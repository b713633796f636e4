// --output json|csv|table, which every listing tool of ours has and upstream lacks: the same facts
// in a form that programs read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cli/jopt.hpp"
#include "cli/writer.hpp"

namespace stoker::cli {

enum class OutputFormat { json, csv, table };

/// Nothing is a missing value: null in JSON, empty in CSV, "-" in a table.
using Cell = std::variant<std::monostate, std::string, int64_t, bool>;

template <class Value>
Cell cell_of(const std::optional<Value>& value) {
    return value ? Cell(*value) : Cell();
}

struct Listing {
    /// In lower case with underscores: "current_offset".
    std::vector<std::string> columns;
    std::vector<std::vector<Cell>> rows;
};

const jopt::Option& add_output_option(jopt::Parser& parser);
/// Nothing without the option. Another word fails as an unknown word of an EnumConverter does.
std::optional<OutputFormat> output_format(const jopt::OptionSet& options,
                                          const jopt::Option& output);

/// JSON is one array of objects, a line each; CSV has a header line (RFC 4180); a table has columns
/// as wide as their widest value.
void print_listing(Writer& out, OutputFormat format, const Listing& listing);

}  // namespace stoker::cli
