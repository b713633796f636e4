// How much a measurement was disturbed by others on the machine, and how much is put up with.
#pragma once

#include <filesystem>

#include "bench/measure/machine.hpp"

namespace stoker::bench {

struct Disturbance {
    double stolen = 0;         // share of the time that the hypervisor gave to others
    double control_moved = 0;  // largest change of the control between begin and end
};

struct Tolerance {
    double stolen_max = 0.03;
    double control_moved_max = 0.2;
    bool allows(const Disturbance& d) const {
        return d.stolen <= stolen_max && d.control_moved <= control_moved_max;
    }
};

/// Measures the machine from its construction to `end`.
class Watch {
public:
    explicit Watch(std::filesystem::path folder, bool with_control = true)
        : folder_(std::move(folder)), with_control_(with_control) {
        settle_disk(folder_);
        if (with_control_) control_ = measure_control(folder_);
        steal_ = steal_time();
    }
    Disturbance end() const {
        const double stolen = stolen_share(steal_, steal_time());
        if (!with_control_) return {.stolen = stolen};
        settle_disk(folder_);
        return {.stolen = stolen, .control_moved = moved(control_, measure_control(folder_))};
    }

private:
    std::filesystem::path folder_;
    bool with_control_;
    Control control_;
    StealTime steal_;
};

}  // namespace stoker::bench
