// Answers that a shard has made up its mind about, to be sent once its lock is free.
//
// A reply may run arbitrary code of the caller (write to a socket, take other locks, call the
// coordinator again), so none is called under a lock. An answer that vouches for records names the
// partition they went to; it passes through WhenDurable, which holds it back until the durability
// class of __consumer_offsets is satisfied.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "base/ids.hpp"

namespace stoker::broker {

/// Calls the second argument when all that was appended so far to that partition of
/// __consumer_offsets is as durable as was asked for: at once, later, or on another thread.
using WhenDurable = std::function<void(PartitionId, std::move_only_function<void()>)>;

/// One thread, one request: not shared.
class Outbox {
public:
    /// Takes the reply, if there is one. `written` are the partitions to wait for.
    template <class Reply, class Response>
    void answer(Reply& reply, Response response, std::vector<PartitionId> written = {}) {
        if (!reply) return;
        answers_.push_back({[taken = std::exchange(reply, nullptr),
                             response = std::move(response)]() mutable {
                                taken(std::move(response));
                            },
                            std::move(written)});
    }

    bool empty() const { return answers_.empty(); }

    /// Sends everything, in order. Without a lock held.
    void deliver(const WhenDurable& when_durable) {
        for (auto& [send, written] : std::exchange(answers_, {})) {
            send_after(when_durable, std::move(written), std::move(send));
        }
    }

private:
    using Send = std::move_only_function<void()>;
    struct Answer {
        Send send;
        std::vector<PartitionId> written;
    };

    static void send_after(const WhenDurable& when_durable, std::vector<PartitionId> partitions,
                           Send send) {
        if (partitions.empty() || !when_durable) return send();
        const PartitionId last = partitions.back();
        partitions.pop_back();
        // By value: with several partitions to wait for, the next wait begins from within the last,
        // perhaps on another thread.
        when_durable(last, [when_durable, partitions = std::move(partitions),
                            send = std::move(send)]() mutable {
            send_after(when_durable, std::move(partitions), std::move(send));
        });
    }

    std::vector<Answer> answers_;
};

}  // namespace stoker::broker
