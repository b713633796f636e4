// Things that one request names several times: Apache Kafka answers each of them once, where it
// stands first, and refuses those that are repeated.
#pragma once

#include <map>
#include <utility>

namespace stoker::broker {

enum class Turn { only, repeated, answered };

/// First every key is counted, then each is taken in the order of the request. One thread.
template <class Key>
class Repeats {
public:
    void count(Key key) { ++times_[std::move(key)]; }
    /// `answered` from the second time on.
    Turn take(const Key& key) {
        const int times = std::exchange(times_[key], 0);
        return times == 0 ? Turn::answered : times == 1 ? Turn::only : Turn::repeated;
    }

private:
    std::map<Key, int> times_;
};

}  // namespace stoker::broker
