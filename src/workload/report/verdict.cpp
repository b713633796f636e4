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

/// Messages that a group had still before it are no finding, but nothing is known of them.
std::string unread(const RunResult& result) {
    int64_t count = 0;
    for (const GroupResult& group : result.groups) count += group.unread;
    if (count == 0) return "";
    return fmt::format("{} messages were not read: {}", count,
                       result.interrupted ? "the run was interrupted"
                                          : "a group made no progress for limits.patience");
}

}  // namespace

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

std::optional<std::string> reader_limit(const RunResult& result) {
    if (result.reader_share <= busy_share) return std::nullopt;
    return fmt::format("a consumer's thread was busy {:.0f} % of the time: what a message took to "
                       "it says more of the load generator; add consumers",
                       100 * result.reader_share);
}

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
    Verdict verdict{.refused = generator_limit(workload, result),
                    .end_to_end_refused = reader_limit(result)};
    const auto end = [&](Status status, std::string sentence) {
        verdict.status = status;
        verdict.sentence = std::move(sentence);
        return verdict;
    };
    if (const auto why = failure_of(result)) return end(Status::failed, *why);
    const std::string found = findings_of(workload, result);
    if (!found.empty()) return end(Status::failed, "the cluster did not keep its word: " + found);
    if (const std::string why = unread(result); !why.empty()) return end(Status::failed, why);
    // A generator that was late cannot say that the cluster did not keep up.
    const bool behind = result.sent.unsent > 0;
    if (verdict.refused && (behind || !workload.limits.times_optional))
        return end(Status::no_report, *verdict.refused);
    const std::string left = unacknowledged(result);
    if (!left.empty() && !(result.interrupted && result.sent.acknowledged > 0)) {
        verdict.fell_behind = true;
        return end(Status::failed, left);
    }
    std::string good = result.groups.empty()
                           ? "every message was acknowledged; no group read them"
                           : "every message arrived, once, in order and intact";
    if (verdict.refused) good += "; no times: " + *verdict.refused;
    return end(Status::good, std::move(good));
}

}  // namespace stoker::workload
