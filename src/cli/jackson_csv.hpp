// The CSV lines of Java's Jackson, in which upstream exports and reads plans of offsets.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stoker::cli {

/// One line with its end. A value is quoted when Jackson quotes it: over 24 characters, or with a
/// character before "-".
std::string jackson_csv_line(const std::vector<std::string>& values);

/// The values of one line; quotes around a value are taken away.
std::vector<std::string> split_csv_line(std::string_view line);

}  // namespace stoker::cli
