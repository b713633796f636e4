#include "workload/worker/worker.hpp"

#include <unistd.h>

#include "base/big_endian.hpp"
#include "workload/sender/thread_time.hpp"
#include "workload/worker/packer.hpp"

namespace stoker::workload {
namespace {

constexpr int tick_ms = 20;
constexpr int64_t stats_interval_ns = 200'000'000;

class Service {
public:
    Service(FrameSocket& run, LocalSenders& senders, const Clock& clock)
        : run_(run), senders_(senders), clock_(clock) {}

    bool serve() {
        while (!run_.ended()) {
            run_.wait(tick_ms);
            while (const auto frame = run_.receive()) obey(*frame);
            if (is_connecting_ && senders_.ready()) tell_ready();
            if (!is_going_) continue;
            if (senders_.done()) return tell_result();
            tell_stats();
        }
        return false;
    }

private:
    void obey(const Frame& frame) {
        if (frame.kind == FrameKind::plan) {
            if (const auto plan = unpack_plan(frame.body)) senders_.connect(*plan);
            is_connecting_ = true;
        } else if (frame.kind == FrameKind::go && frame.body.size() == sizeof start_ns_) {
            start_ns_ = load_big_endian<int64_t>(frame.body.data());
            senders_.go(start_ns_);
            is_going_ = true;
        } else if (frame.kind == FrameKind::stop) {
            senders_.stop();
        }
    }
    void tell_ready() {
        is_connecting_ = false;
        run_.send(FrameKind::ready, bytes_of(senders_.refused().value_or("")));
    }
    void tell_stats() {
        const int64_t now_ns = clock_.monotonic_ns();
        if (now_ns - told_ns_ < stats_interval_ns) return;
        told_ns_ = now_ns;
        Packer packer;
        pack(packer, senders_.stats());
        run_.send(FrameKind::stats, packer.take());
    }
    bool tell_result() {
        auto ours = senders_.threads();
        ours.insert(::gettid());
        SendersResult result = senders_.take();
        result.library_share =
            busy_.beside(ours, double(result.answered_ns - start_ns_) / 1e9);
        Packer packer;
        pack(packer, result);
        return run_.send(FrameKind::result, packer.take());
    }

    FrameSocket& run_;
    LocalSenders& senders_;
    const Clock& clock_;
    BusyThreads busy_;
    int64_t start_ns_ = 0;
    int64_t told_ns_ = 0;
    bool is_connecting_ = false;
    bool is_going_ = false;
};

}  // namespace

bool serve_run(FrameSocket& run, LocalSenders& senders, const Clock& clock) {
    return Service(run, senders, clock).serve();
}

}  // namespace stoker::workload
