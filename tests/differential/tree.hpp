// A decoded answer as a tree of texts: what two brokers' answers are compared as. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stoker::differential {

struct Tree {
    enum class Kind : uint8_t { leaf, list, object };

    Kind kind = Kind::leaf;
    /// Within an object: the member's name.
    std::string name;
    std::string text;
    /// The items of a list, the members of an object.
    std::vector<Tree> parts;
    /// A list in which the order means something. All others are compared sorted.
    bool ordered = false;

    bool operator==(const Tree&) const = default;

    /// Nothing when this is no object or has no such member.
    const Tree* find(std::string_view member) const;
};

Tree leaf(std::string text);

std::string to_text(const Tree& tree);

/// Sorts every list that is not ordered: first by what names an item (its topic, partition, …),
/// then by all of it.
void sort_lists(Tree& tree);

struct Difference {
    /// Names of members and indexes: "topics[1].partitions[0].error_code".
    std::string path;
    std::string kafka;
    std::string stoker;
};

std::vector<Difference> differences(const Tree& kafka, const Tree& stoker);

}  // namespace stoker::differential
