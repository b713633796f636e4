// Shortfall: a rate that was asked for and not reached, and what limited it.
#pragma once

#include <optional>
#include <string>

#include "load/processor_use.hpp"
#include "load/producer_stats.hpp"

namespace stoker::load {

struct Shortfall {
    double wanted = 0;   ///< messages a second
    double reached = 0;  ///< acknowledged, or handed over while the run goes on
    std::string limit;   ///< a clause: "the broker or the network: …"
};

/// Nothing when the messages went out as planned: at least 99 % of them, and the last answer not
/// long after the end. `asked` is in messages a second.
std::optional<Shortfall> shortfall(const ProducerStats& stats, const ProducerRun& run,
                                   const ProcessorUse& use);

/// "rate not reached: 4321.0 of 5000.0 msg/s; limited by …"
std::string sentence(const Shortfall& shortfall);

}  // namespace stoker::load
