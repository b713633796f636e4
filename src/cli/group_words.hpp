// The words for states and types of groups on the command lines of the group tools.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace stoker::cli {

/// "stable,empty" as the broker spells them; nothing of an empty text. Throws
/// IllegalArgumentException for a word that is none of a consumer group's.
std::vector<std::string> group_states_or_throw(std::string_view text);
/// "classic,consumer"; the same.
std::vector<std::string> group_types_or_throw(std::string_view text);

/// The names of `known` that are in a comma-separated text, in any case; or the first word that is
/// none, with blanks around it taken away.
struct Words {
    std::vector<std::string> found;
    std::string unknown;
    bool good = true;
};
Words words_of(std::string_view text, const std::vector<std::string>& known);

/// "Unknown" for a word that the broker did not tell.
std::string known(const std::string& word);

}  // namespace stoker::cli
