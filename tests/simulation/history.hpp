// What clients of a simulated broker sent and saw, and the judge of it: a small relative of
// Jepsen's Kafka workload. Every value is sent once, so that one that is missing, twice there or
// elsewhere tells which promise was broken.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stoker::simulation {

/// A partition of a topic.
struct Place {
    std::string topic;
    int32_t partition = 0;

    auto operator<=>(const Place&) const = default;
};
std::string to_string(const Place& place);

class History {
public:
    /// `value` is on its way, from a producer whose values carry ascending numbers in each place.
    void sent(const Place& place, const std::string& value, const std::string& producer,
              int64_t number);
    void acknowledged(const Place& place, const std::string& value, int64_t offset);
    /// A consumer got it.
    void read(const Place& place, const std::string& value, int64_t offset);
    /// A promise was broken in a way that is seen at once.
    void complain(std::string what) { complaints_.push_back(std::move(what)); }

    struct Record {
        int64_t offset = 0;
        std::string value;
    };
    /// What the place holds in the end: lost, doubled, reordered, torn or strange records become
    /// complaints. A batch of several values is torn when some of it is missing.
    void judge(const Place& place, const std::vector<Record>& log);

    const std::vector<std::string>& complaints() const { return complaints_; }
    size_t acknowledged_count() const { return acknowledged_.size(); }
    size_t read_count() const { return reads_; }

private:
    struct Sent {
        Place place;
        std::string producer;
        int64_t number = 0;
    };
    using At = std::pair<Place, int64_t>;

    std::map<std::string, Sent> sent_;
    std::map<std::string, int64_t> acknowledged_;  // their offsets
    std::map<At, std::string> seen_;               // by consumers, or told to producers
    std::vector<std::string> complaints_;
    size_t reads_ = 0;
};

}  // namespace stoker::simulation
