#include "base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace stoker {

void check_failed(const char* condition, const char* why, const char* file, int line) {
    std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", file, line, why, condition);
    std::abort();
}

}  // namespace stoker
