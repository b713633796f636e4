// STOKER_CHECK: a broken invariant is a bug of ours; the process stops before it can do harm.
// Never for input: what comes from a client or from a file is answered with a Result.
#pragma once

namespace stoker {

[[noreturn]] void check_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace stoker

#define STOKER_CHECK(condition, why)                                     \
    do {                                                                 \
        if (!(condition)) [[unlikely]]                                   \
            ::stoker::check_failed(#condition, why, __FILE__, __LINE__); \
    } while (false)
