// Randomness comes in through the constructor too: a test or a simulation hands in a seed and
// prints it.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>

#include "base/uuid.hpp"

namespace stoker {

/// A seeded generator. Any thread. Not for secrets: those come from OpenSSL's RAND_bytes.
class Random {
public:
    /// Seeds from the operating system.
    Random();
    explicit Random(uint64_t seed) : engine_(seed), seed_(seed) {}

    uint64_t seed() const { return seed_; }
    uint64_t next();
    /// Uniform in [0, bound); bound is at least 1.
    uint64_t below(uint64_t bound);
    /// A random (version 4) Uuid that does not start with '-', as Kafka's Uuid.randomUuid.
    Uuid uuid();

private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
    uint64_t seed_;
};

}  // namespace stoker
