#include "cli/group_words.hpp"

#include <algorithm>
#include <cctype>

#include "cli/admin_tool.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(
        a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() <= ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() <= ' ') text.remove_suffix(1);
    return text;
}

}  // namespace

Words words_of(std::string_view text, const std::vector<std::string>& known) {
    Words words;
    while (!text.empty()) {
        const size_t end = std::min(text.find(','), text.size());
        const std::string_view word = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto found = std::ranges::find_if(
            known, [&](const std::string& one) { return same_word(one, word); });
        if (found != known.end()) {
            words.found.push_back(*found);
        } else if (words.good) {
            words.unknown = word;
            words.good = false;
        }
    }
    return words;
}

std::vector<std::string> group_states_or_throw(std::string_view text) {
    const std::vector<std::string> states = {
        "Dead",  "Assigning",          "Stable",     "CompletingRebalance",
        "Empty", "PreparingRebalance", "Reconciling"};
    const Words words = words_of(text, states);
    if (words.good) return words.found;
    throw_illegal_argument("Invalid state list '" + std::string(text) +
                           "'. Valid states are: " + kafka::joined(states, ", "));
}

std::vector<std::string> group_types_or_throw(std::string_view text) {
    const Words words = words_of(text, {"Classic", "Consumer"});
    if (words.good) return words.found;
    throw_illegal_argument("Invalid types list '" + std::string(text) +
                           "'. Valid types are: Consumer, Classic");
}

std::string known(const std::string& word) {
    return word.empty() ? "Unknown" : word;
}

}  // namespace stoker::cli
