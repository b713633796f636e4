// Tables that are looked into by API key for every request: where each key stands, made at compile
// time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace stoker::protocol {

/// `key_of` gives the API key of an item of `table`, whose keys are distinct and not negative.
template <auto const& table, auto key_of>
class ApiIndex {
public:
    using Item = std::remove_reference_t<decltype(table[0])>;

    static constexpr const Item* find(int16_t key) {
        if (key < 0 || size_t(key) >= places.size() || places[size_t(key)] == nowhere)
            return nullptr;
        return &table[places[size_t(key)]];
    }

private:
    using Place = uint8_t;
    static constexpr Place nowhere = std::numeric_limits<Place>::max();
    static_assert(table.size() < nowhere);

    static constexpr size_t key_end = [] {
        int16_t greatest = 0;
        for (const auto& item : table) greatest = std::max(greatest, key_of(item));
        return size_t(greatest) + 1;
    }();
    static constexpr std::array<Place, key_end> places = [] {
        std::array<Place, key_end> result;
        result.fill(nowhere);
        for (size_t i = 0; i < table.size(); ++i) result[size_t(key_of(table[i]))] = Place(i);
        return result;
    }();
};

}  // namespace stoker::protocol
