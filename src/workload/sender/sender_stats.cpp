#include "workload/sender/sender_stats.hpp"

namespace stoker::workload {

void SenderStats::merge(const SenderStats& other) {
    sent += other.sent;
    acknowledged += other.acknowledged;
    failed += other.failed;
    aborted += other.aborted;
    unsent += other.unsent;
    unanswered += other.unanswered;
    bytes += other.bytes;
    held_back_ns += other.held_back_ns;
    if (!other.last_error.empty()) last_error = other.last_error;
    response_us.merge(other.response_us);
    service_us.merge(other.service_us);
    slip_us.merge(other.slip_us);
    held_us.merge(other.held_us);
}

}  // namespace stoker::workload
