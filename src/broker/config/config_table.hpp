// A table of declarations, found by name.
#pragma once

#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "broker/config/declaration.hpp"

namespace stoker::broker {

class ConfigTable {
public:
    /// The parts outlive the table; no name may be in two of them.
    explicit ConfigTable(std::initializer_list<std::span<const ConfigDeclaration>> parts);

    /// Null when there is no such config.
    const ConfigDeclaration* find(std::string_view name) const;
    /// All, by name.
    const std::vector<const ConfigDeclaration*>& all() const { return all_; }

private:
    std::vector<const ConfigDeclaration*> all_;
};

}  // namespace stoker::broker
