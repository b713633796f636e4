#include "broker/config/config_table.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace stoker::broker {

ConfigTable::ConfigTable(std::initializer_list<std::span<const ConfigDeclaration>> parts) {
    for (std::span<const ConfigDeclaration> part : parts)
        for (const ConfigDeclaration& config : part) all_.push_back(&config);
    std::ranges::sort(all_, {}, &ConfigDeclaration::name);
    auto twice = std::ranges::adjacent_find(all_, {}, &ConfigDeclaration::name);
    STOKER_CHECK(twice == all_.end(), "a config is declared twice");
}

const ConfigDeclaration* ConfigTable::find(std::string_view name) const {
    auto found = std::ranges::lower_bound(all_, name, {}, &ConfigDeclaration::name);
    return found != all_.end() && (*found)->name == name ? *found : nullptr;
}

}  // namespace stoker::broker
