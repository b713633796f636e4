// CleanerThrottle: log.cleaner.io.max.bytes.per.second, of all cleaner threads together. It does
// not wait itself: it says for how long to wait before so many bytes are read or written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/guarded.hpp"

namespace stoker::storage {

/// Any thread.
class CleanerThrottle {
public:
    int64_t delay_ns(size_t bytes, double bytes_per_second, int64_t now_ns) {
        const double takes_ns = double(bytes) / bytes_per_second * 1e9;
        if (takes_ns < 1) return 0;
        auto free_at = free_at_ns_.lock();
        const int64_t start = std::max(*free_at, now_ns);
        *free_at = start + int64_t(std::min(takes_ns, longest_ns));
        return start - now_ns;
    }

private:
    /// A block an hour is as slow as it gets.
    static constexpr double longest_ns = 3.6e12;

    Guarded<int64_t> free_at_ns_{0};
};

}  // namespace stoker::storage
