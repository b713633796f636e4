// Keys: which key the next message gets. A key is the text "key-" and a number of ten digits;
// what is chosen is the number, and that is what decides how evenly partitions are filled.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "workload/random64.hpp"

namespace stoker::workload {

struct KeyPlan {
    enum class Kind : uint8_t {
        none,        ///< no keys: partitions in turn
        uniform,     ///< all of `count` alike
        zipf,        ///< the n-th most common one 1 / n^`exponent` as often as the first
        hot_set,     ///< `hot_share` of the messages go to the first `hot_keys` keys
        sequential,  ///< 0, 1, 2 … `count` - 1, and again
    };
    Kind kind = Kind::uniform;
    int64_t count = 1000;
    double exponent = 1;
    int64_t hot_keys = 10;
    double hot_share = 0.9;

    /// A table of so many sums is made for zipf.
    static constexpr int64_t zipf_count_max = 10'000'000;
};

/// What all producers of a load share; nothing but for zipf.
class KeyTable {
public:
    explicit KeyTable(const KeyPlan& plan);
    const std::vector<double>& sums() const { return sums_; }

private:
    std::vector<double> sums_;  ///< of zipf's weights
};

class Keys {
public:
    /// `table` is of the same plan, and outlives this.
    Keys(const KeyPlan& plan, const KeyTable& table) : plan_(plan), table_(table) {}

    /// The number of the next key. `random` is the caller's.
    int64_t next(Random64& random);
    bool none() const { return plan_.kind == KeyPlan::Kind::none; }

private:
    int64_t zipf(Random64& random) const;

    KeyPlan plan_;
    const KeyTable& table_;
    int64_t sequential_ = 0;
};

}  // namespace stoker::workload
