// Differences that stay: what Stoker does otherwise on purpose, and says so.
#pragma once

#include <cstdint>
#include <vector>

#include "tree.hpp"

namespace stoker::differential {

/// Takes away what the table in documented.cpp lists, and with a member its neighbours: when a
/// message differs for a listed reason, so may the error code beside it.
void drop_documented(std::vector<Difference>& found, int16_t key);

}  // namespace stoker::differential
