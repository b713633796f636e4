// Random64: a small, fast generator of random numbers for one thread. A load of a million messages
// a second cannot take a mutex for each number, as base's Random does. Not for secrets.
#pragma once

#include <cmath>
#include <cstdint>

namespace stoker::workload {

/// Every seed gives a sequence of its own (a counter, mixed).
class Random64 {
public:
    explicit Random64(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        uint64_t mixed = state_ += 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
        return mixed ^ (mixed >> 31);
    }
    /// Uniform in [0, bound), as nearly as 2^-64; bound is at least 1.
    uint64_t below(uint64_t bound) {
        __extension__ using Wide = unsigned __int128;
        return uint64_t(Wide(next()) * bound >> 64);
    }
    /// Uniform in [0, 1).
    double unit() { return double(next() >> 11) * 0x1p-53; }
    /// Exponential with mean 1: the gaps of a Poisson process.
    double exponential() { return -std::log1p(-unit()); }
    /// Normal with mean 0 and deviation 1 (Box and Muller).
    double normal() {
        constexpr double two_pi = 6.283185307179586;
        return std::sqrt(2 * exponential()) * std::cos(two_pi * unit());
    }

private:
    uint64_t state_;
};

}  // namespace stoker::workload
