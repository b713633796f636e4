// What may differ between two brokers' answers, each with its reason: the whole list.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "tree.hpp"

namespace stoker::differential {

/// Takes out of an answer of the API `key` what may differ. `served` are the API keys that Stoker
/// advertises.
void normalise(Tree& answer, int16_t key, const std::set<std::string>& served);

}  // namespace stoker::differential
