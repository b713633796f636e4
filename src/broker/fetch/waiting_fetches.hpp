// The fetches that wait for data, by the session that asked: when a client goes away, its long poll
// must not hold memory until its time is up. A session has at most one.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>

#include "base/guarded.hpp"

namespace stoker::broker {

class FetchOperation;

/// Any thread.
class WaitingFetches {
public:
    void add(uint64_t session_id, std::weak_ptr<FetchOperation> fetch) {
        (*by_session_.lock())[session_id] = std::move(fetch);
    }
    void remove(uint64_t session_id) { by_session_.lock()->erase(session_id); }
    /// Nothing when the session has none.
    std::shared_ptr<FetchOperation> take(uint64_t session_id) {
        auto by_session = by_session_.lock();
        auto found = by_session->find(session_id);
        if (found == by_session->end()) return nullptr;
        auto fetch = found->second.lock();
        by_session->erase(found);
        return fetch;
    }

private:
    Guarded<std::unordered_map<uint64_t, std::weak_ptr<FetchOperation>>> by_session_;
};

}  // namespace stoker::broker
