#include "workload/report/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace stoker::workload {
namespace {

/// A thread that works so much of the time has no time left.
constexpr double busy_share = 0.92;
/// The generator's own lateness may be so much of what is reported.
constexpr double slip_share_max = 0.1;
/// Lateness for the client's sake counts as such from here.
constexpr int64_t held_us_min = 1000;

bool churns(const Workload& workload) {
    return std::ranges::any_of(workload.groups, [](const GroupPlan& plan) {
        return plan.churn_every.count() > 0;
    });
}

std::string findings_of(const Workload& workload, const RunResult& result) {
    std::string text;
    for (size_t i = 0; i < findings; ++i) {
        const auto finding = Finding(i);
        // Readers that come and go begin again at the last commit.
        if (finding == Finding::redelivered && churns(workload)) continue;
        const int64_t count = result.count(finding);
        if (count == 0) continue;
        if (!text.empty()) text += ", ";
        text += fmt::format("{} {}", count, name(finding));
    }
    return text;
}

std::optional<std::string> failure_of(const RunResult& result) {
    if (result.failure) return result.failure;
    for (const GroupResult& group : result.groups)
        if (group.failure) return "a consumer: " + *group.failure;
    return std::nullopt;
}

std::string unacknowledged(const RunResult& result) {
    const SenderStats& sent = result.sent;
    if (sent.failed > 0)
        return fmt::format("{} messages failed, the last one with: {}", sent.failed,
                           sent.last_error);
    if (sent.unanswered > 0)
        return fmt::format("{} messages got no answer", sent.unanswered);
    if (sent.unsent > 0)
        return fmt::format(
            "the cluster did not keep up: {} messages that were due could not be sent",
            sent.unsent);
    return sent.acknowledged == 0 ? "no message was acknowledged" : "";
}

}  // namespace

std::optional<std::string> generator_limit(const Workload& workload, const RunResult& result) {
    const SenderStats& sent = result.sent;
    const int64_t slip_us = sent.slip_us.percentile(99);
    const int64_t response_us = sent.response_us.percentile(99);
    const bool is_late = slip_us > workload.limits.slip_p99.count() &&
                         double(slip_us) > slip_share_max * double(response_us);
    if (is_late)
        return fmt::format("the load generator was the bottleneck, not the cluster: it sent 1 % "
                           "of the messages more than {:.1f} ms late by itself; lower the rate, "
                           "add producers, or give it more of the machine",
                           double(slip_us) / 1000);
    if (!result.open_loop && result.sender_share > busy_share)
        return fmt::format("the load generator was the bottleneck, not the cluster: a producer's "
                           "thread was busy {:.0f} % of the time; add producers",
                           100 * result.sender_share);
    if (result.library_share > busy_share && sent.held_us.percentile(99) > held_us_min)
        return fmt::format("the load generator was the bottleneck, not the cluster: a thread of "
                           "the client library was busy {:.0f} % of the time; add producers",
                           100 * result.library_share);
    return std::nullopt;
}

Verdict judge(const Workload& workload, const RunResult& result) {
    if (const auto why = failure_of(result)) return {Status::failed, *why};
    const std::string found = findings_of(workload, result);
    if (!found.empty()) return {Status::failed, "the cluster did not keep its word: " + found};
    if (const auto why = generator_limit(workload, result)) return {Status::no_report, *why};
    const std::string left = unacknowledged(result);
    if (!left.empty() && !(result.interrupted && result.sent.acknowledged > 0))
        return {Status::failed, left, true};
    return {Status::good,
            result.groups.empty()
                ? "every message was acknowledged; no group read them"
                : "every message arrived, once, in order and intact"};
}

}  // namespace stoker::workload
