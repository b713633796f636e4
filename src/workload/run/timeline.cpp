#include "workload/run/timeline.hpp"

#include <utility>

namespace stoker::workload {
namespace {

/// Two into one.
void join_pairs(std::vector<Interval>& intervals) {
    std::vector<Interval> joined;
    for (size_t i = 0; i < intervals.size(); i += 2) {
        Interval one = std::move(intervals[i]);
        if (i + 1 < intervals.size()) {
            const Interval& next = intervals[i + 1];
            one.end_s = next.end_s;
            one.sent += next.sent;
            one.acknowledged += next.acknowledged;
            one.consumed += next.consumed;
            one.response_us.merge(next.response_us);
            one.service_us.merge(next.service_us);
        }
        joined.push_back(std::move(one));
    }
    intervals = std::move(joined);
}

}  // namespace

const Interval& Timeline::add(int64_t now_ns, const SenderStats& sent, int64_t consumed) {
    if (intervals_.size() >= intervals_max) join_pairs(intervals_);
    intervals_.push_back({.start_s = double(last_ns_ - start_ns_) / 1e9,
                          .end_s = double(now_ns - start_ns_) / 1e9,
                          .sent = sent.sent - before_.sent,
                          .acknowledged = sent.acknowledged - before_.acknowledged,
                          .consumed = consumed - consumed_before_,
                          .response_us = sent.response_us.since(before_.response_us),
                          .service_us = sent.service_us.since(before_.service_us)});
    before_ = sent;
    consumed_before_ = consumed;
    last_ns_ = now_ns;
    return intervals_.back();
}

std::vector<Interval> Timeline::take(int64_t now_ns, const SenderStats& sent, int64_t consumed) {
    add(now_ns, sent, consumed);
    return std::move(intervals_);
}

}  // namespace stoker::workload
