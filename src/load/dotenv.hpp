// .env files: KEY=value lines, as shells and python-dotenv read them. Comments, quotes and a
// leading `export` are understood; variables in values are not expanded, so that a password may
// hold a `$`.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace stoker::load {

struct DotEnv {
    struct Value {
        std::string text;
        int line = 0;
    };
    std::map<std::string, Value, std::less<>> values;  ///< the last line for a key wins
    /// One sentence for each line that was skipped; line numbers, never values.
    std::vector<std::string> warnings;
};

/// `name` is the file's name for the warnings.
DotEnv parse_dotenv(std::string_view text, std::string_view name);

}  // namespace stoker::load
