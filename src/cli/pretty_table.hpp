// Upstream's ToolsUtils.prettyPrintTable: columns as wide as their widest cell, a tab after each.
#pragma once

#include <string>
#include <vector>

#include "cli/writer.hpp"

namespace stoker::cli {

void print_pretty_table(Writer& out, const std::vector<std::string>& headers,
                        const std::vector<std::vector<std::string>>& rows);

}  // namespace stoker::cli
