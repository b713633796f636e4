#include "net/lobby.hpp"

#include <iterator>

namespace stoker::net {

bool Lobby::enter(uint64_t id, int64_t now_ms) {
    const auto known = places_.find(id);
    if (known != places_.end()) {
        if (!known->second.seated) return false;
        known->second.at->active_ms = now_ms;
        seated_.splice(seated_.end(), seated_, known->second.at);
        return true;
    }
    const bool free = seated_.size() < seats_;
    std::list<Guest>& where = free ? seated_ : waiting_;
    where.push_back({id, now_ms});
    places_[id] = {.at = std::prev(where.end()), .seated = free};
    return free;
}

std::optional<uint64_t> Lobby::leave(uint64_t id, int64_t now_ms) {
    const auto known = places_.find(id);
    if (known == places_.end()) return std::nullopt;
    const bool seated = known->second.seated;
    (seated ? seated_ : waiting_).erase(known->second.at);
    places_.erase(known);
    if (!seated || waiting_.empty()) return std::nullopt;
    // It has had no chance to speak yet: it is idle from now on, not since it came.
    Guest& next = waiting_.front();
    next.active_ms = now_ms;
    seated_.splice(seated_.end(), waiting_, waiting_.begin());
    places_[next.id].seated = true;
    return next.id;
}

std::optional<uint64_t> Lobby::idler(int64_t now_ms) const {
    const auto due = next_look_ms();
    if (!due || *due > now_ms) return std::nullopt;
    return seated_.front().id;
}

std::optional<int64_t> Lobby::next_look_ms() const {
    if (waiting_.empty() || seated_.empty()) return std::nullopt;
    return seated_.front().active_ms + idle_max_ms;
}

}  // namespace stoker::net
