#include "load/shortfall.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stoker::load {
namespace {

constexpr double enough = 0.99;
/// Answers may come this much after the end: the part of the run, and at least so many seconds.
constexpr double late_part = 0.05;
constexpr double late_seconds = 1;
/// A stop of the broker's answers that is told as the reason.
constexpr double silence_seconds = 1;
constexpr double silence_part = 0.02;
constexpr double busy_machine = 0.9;
constexpr double busy_thread = 0.8;
constexpr double full_buffer = 0.05;

int percent(double part) {
    return int(part * 100 + 0.5);
}

std::string limit_of(const ProducerStats& stats, const ProducerRun& run, const ProcessorUse& use) {
    const double seconds = std::max(run.seconds, 1e-9);
    const double threads = std::max(run.threads, 1);
    const double silence = double(stats.silence_max_us) / 1e6;
    if (silence >= silence_seconds && silence >= silence_part * seconds)
        return fmt::format("the broker or the network: no answer for {:.1f} s", silence);
    if (use.machine >= busy_machine)
        return fmt::format("this machine: its processors were busy {} % of the time, {} % with "
                           "this program",
                           percent(use.machine), percent(use.own));
    const double blocked = double(stats.blocked_ns) / 1e9 / threads / seconds;
    if (blocked >= full_buffer)
        return fmt::format("the broker or the network: the buffer of the producers was full {} % "
                           "of the time",
                           percent(blocked));
    const double working = double(stats.processor_ns_max) / 1e9 / seconds;
    if (working >= busy_thread)
        return fmt::format("the sending threads: busy {} % of the time; give more --num-threads",
                           percent(working));
    if (run.seconds > run.planned_seconds)
        return fmt::format("the broker or the network: the last answer came {:.1f} s after the end",
                           run.seconds - run.planned_seconds);
    return fmt::format("this machine: the threads were woken up to {:.1f} ms late",
                       double(stats.lateness_max_us) / 1e3);
}

}  // namespace

std::optional<Shortfall> shortfall(const ProducerStats& stats, const ProducerRun& run,
                                   const ProcessorUse& use) {
    if (run.messages_due == 0 || run.planned_seconds <= 0) return {};
    const double late = std::max(late_seconds, late_part * run.planned_seconds);
    const bool in_time = run.seconds <= run.planned_seconds + late;
    const int64_t handed_over = stats.messages_queued;
    if (double(handed_over) >= enough * double(run.messages_due) && in_time) return {};
    const double wanted = double(run.messages_due) / run.planned_seconds;
    const int64_t done = in_time ? handed_over : stats.messages_sent;
    return Shortfall{.wanted = wanted,
                     .reached = per_second(done, std::max(run.seconds, run.planned_seconds)),
                     .limit = limit_of(stats, run, use)};
}

std::string sentence(const Shortfall& shortfall) {
    return fmt::format("rate not reached: {:.1f} of {:.1f} msg/s; limited by {}", shortfall.reached,
                       shortfall.wanted, shortfall.limit);
}

}  // namespace stoker::load
