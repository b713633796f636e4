// Who may speak before it is known who he is: a few sessions of an io thread at a time.
//
// A session takes a seat with its first byte and leaves it when it has proved who it is, or ends.
// What can be held for strangers (TLS handshakes, frames, replies) is so bounded by the seats, not
// by the connections. The others wait in order, unread, at the cost of an idle session. While
// someone waits, whoever lets his seat idle for a second loses it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>

namespace stoker::net {

/// One thread.
class Lobby {
public:
    static constexpr int64_t idle_max_ms = 1000;

    explicit Lobby(size_t seats) : seats_(seats) {}

    /// True with a seat; else it waits, and leave() of another will name it.
    bool enter(uint64_t id, int64_t now_ms);
    /// Gives up its seat or its place in the queue; who has got the seat now, if anybody.
    std::optional<uint64_t> leave(uint64_t id, int64_t now_ms);
    /// Who is to be closed now because others wait.
    std::optional<uint64_t> idler(int64_t now_ms) const;
    /// When to ask for an idler again; nothing while nobody waits.
    std::optional<int64_t> next_look_ms() const;

private:
    struct Guest {
        uint64_t id = 0;
        int64_t active_ms = 0;
    };
    struct Place {
        std::list<Guest>::iterator at;
        bool seated = false;
    };

    size_t seats_;
    std::list<Guest> seated_;   // the longest idle first
    std::list<Guest> waiting_;  // the first come first
    std::unordered_map<uint64_t, Place> places_;
};

}  // namespace stoker::net
