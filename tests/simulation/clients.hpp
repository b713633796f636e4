// The clients of a simulated broker. Each step does one thing that a real client might do now; they
// behave as idempotent producers, plain consumers and committing groups do, retries included.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "broker/test_broker.hpp"
#include "simulation/history.hpp"

namespace stoker::simulation {

/// What all clients of one simulation share.
struct World {
    broker::TestBroker& broker;
    History& history;
    Random& random;
    const std::vector<Place>& places;

    const Place& any_place() { return places[random.below(places.size())]; }
    bool chance(unsigned percent) { return random.below(100) < percent; }
};

/// An idempotent producer (KIP-98) with up to five batches of a partition in flight.
class Producer {
public:
    Producer(World world, std::string name) : world_(world), name_(std::move(name)) {}

    void step();
    /// Sends nothing new, but again what has to be.
    void settle();
    /// The broker is another process now: nobody knows what became of what was in flight.
    void connection_lost();
    /// Nothing is on its way any more.
    bool idle() const;

private:
    struct Batch {
        std::vector<std::string> values;
        int32_t sequence = 0;
        std::optional<uint64_t> request;  // nothing: it is to be sent again
    };
    struct Lane {
        std::deque<Batch> unacknowledged;
        int32_t next_sequence = 0;
        int64_t next_number = 0;
        /// One failed: nothing is sent before the outcome of all is known.
        bool stalled = false;

        bool in_flight() const;
    };

    bool have_id();
    /// True when something was sent again.
    bool go_on(const Place& place, Lane& lane);
    void send_new(const Place& place, Lane& lane);
    void send(const Place& place, Batch& batch);
    void look(const Place& place, Lane& lane);
    /// False when the batch has to be sent again.
    bool take_answer(const Place& place, const Batch& batch, bool is_first);

    World world_;
    std::string name_;
    ProducerId id_ = ProducerId::none;
    std::map<Place, Lane> lanes_;
};

/// Reads every place from its start to its end, again and again.
class Reader {
public:
    explicit Reader(World world) : world_(world) {}
    void step();

private:
    World world_;
    std::map<Place, int64_t> positions_;
};

/// A group that commits ascending offsets and sometimes asks what is committed.
class Committer {
public:
    Committer(World world, std::string group) : world_(world), group_(std::move(group)) {}
    void step();
    void connection_lost();

private:
    void commit(const Place& place);
    void ask(const Place& place);
    void look();

    struct Pending {
        Place place;
        int64_t offset = 0;
        uint64_t request = 0;
    };
    World world_;
    std::string group_;
    std::vector<Pending> pending_;
    std::map<Place, int64_t> sent_;
    std::map<Place, int64_t> acknowledged_;
};

/// Everything that a place holds, in order.
std::vector<History::Record> whole_log(broker::TestBroker& broker, const Place& place);

/// What a broker tells of its state, as text: to compare a broker with the one that replayed its
/// logs.
std::string state_of(broker::TestBroker& broker, const std::vector<Place>& places);

}  // namespace stoker::simulation
