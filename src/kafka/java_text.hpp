// How Java writes and orders things: the kafka-* tools print what Java's println, String.format and
// the iteration of a HashMap give, and scripts rely on it byte for byte. Pure functions; text is
// UTF-8, counted in UTF-16 units as Java does.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stoker::kafka {

/// String.length(): a character beyond the basic plane counts two, a byte that is no UTF-8 one.
size_t java_length(std::string_view text);
/// String.hashCode().
int32_t java_hash(std::string_view text);
/// TopicPartition.hashCode().
int32_t java_hash(std::string_view topic, int32_t partition);

/// The table of a HashMap that grew to `entries` one by one from `new HashMap()`.
size_t grown_table(size_t entries);
/// The table of `new HashMap(other map)`, or of a collector that sizes it beforehand.
size_t presized_table(size_t entries);
/// The table of `new HashSet(collection)`: never under 16.
size_t hash_set_table(size_t entries);

/// Where each entry stands when a HashMap of that table is iterated: places[i] is the index of the
/// i-th entry in the order of insertion. Keys must be distinct. (Buckets of eight and more, which
/// Java turns into trees, keep the order of insertion here.)
std::vector<size_t> hash_order(std::span<const int32_t> hashes, size_t table);

/// The items in the order in which a HashMap (or HashSet) with them as keys is iterated; `hash`
/// gives an item's hashCode().
template <class Item, class Hash>
std::vector<Item> in_hash_order(std::vector<Item> items, Hash hash, size_t table) {
    std::vector<int32_t> hashes;
    hashes.reserve(items.size());
    for (const Item& item : items) hashes.push_back(std::invoke(hash, item));
    std::vector<Item> ordered;
    ordered.reserve(items.size());
    for (const size_t place : hash_order(hashes, table)) ordered.push_back(std::move(items[place]));
    return ordered;
}
/// The same for strings put into a HashMap or HashSet one after the other.
std::vector<std::string> in_hash_order(std::vector<std::string> items);

/// Double.toString() and Float.toString(): "1.0E-4", "1024.0", "NaN", "Infinity".
std::string java_text(double number);
std::string java_text(float number);
/// "%.Nf": rounds half up on the shortest decimal (0.25 gives 0.3); "NaN", "Infinity".
std::string java_fixed(double number, int digits);

/// "[a, b]"
std::string java_list(std::span<const std::string> items);
/// String.split of one character that is none of a regular expression: empty parts at the end are
/// dropped, but a text without the separator is one part even when it is empty.
std::vector<std::string> java_split(std::string_view text, char separator);
/// Items with a separator in between.
std::string joined(std::span<const std::string> items, std::string_view separator);
/// "{a=1, b=2}"
std::string java_map(std::span<const std::pair<std::string, std::string>> entries);

/// String.format with %s, %-20s, %20s, %d (its argument given as text), %n and %%; nothing else.
std::string java_format(std::string_view pattern, std::initializer_list<std::string_view> values);
std::string java_format(std::string_view pattern, std::span<const std::string> values);

}  // namespace stoker::kafka
