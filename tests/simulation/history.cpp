#include "simulation/history.hpp"

namespace stoker::simulation {

std::string to_string(const Place& place) {
    return place.topic + "-" + std::to_string(place.partition);
}

void History::sent(const Place& place, const std::string& value, const std::string& producer,
                   int64_t number) {
    sent_[value] = {place, producer, number};
}

void History::acknowledged(const Place& place, const std::string& value, int64_t offset) {
    acknowledged_[value] = offset;
    auto [seen, fresh] = seen_.try_emplace({place, offset}, value);
    if (!fresh && seen->second != value)
        complain(to_string(place) + " offset " + std::to_string(offset) + ": acknowledged for " +
                 value + ", but " + seen->second + " was there");
}

void History::read(const Place& place, const std::string& value, int64_t offset) {
    ++reads_;
    auto [seen, fresh] = seen_.try_emplace({place, offset}, value);
    if (!fresh && seen->second != value)
        complain(to_string(place) + " offset " + std::to_string(offset) + ": " + value +
                 " was read where " + seen->second + " had been");
}

void History::judge(const Place& place, const std::vector<Record>& log) {
    std::map<std::string, int64_t> found;
    std::map<std::string, int64_t> last_number;
    for (const Record& record : log) {
        const std::string at = to_string(place) + " offset " + std::to_string(record.offset) + ": ";
        const auto sent = sent_.find(record.value);
        if (sent == sent_.end() || sent->second.place != place) {
            complain(at + record.value + " was never sent there");
            continue;
        }
        if (!found.emplace(record.value, record.offset).second)
            complain(at + record.value + " is there twice");
        auto [last, first] = last_number.try_emplace(sent->second.producer, sent->second.number);
        if (!first && sent->second.number < last->second)
            complain(at + record.value + " comes after a later one of its producer");
        last->second = sent->second.number;
        const auto seen = seen_.find({place, record.offset});
        if (seen != seen_.end() && seen->second != record.value)
            complain(at + record.value + " is where " + seen->second + " was before");
    }
    for (const auto& [value, offset] : acknowledged_) {
        if (sent_.at(value).place != place) continue;
        const auto there = found.find(value);
        if (there == found.end())
            complain(to_string(place) + ": " + value + " was acknowledged and is lost");
        else if (there->second != offset)
            complain(to_string(place) + ": " + value + " was acknowledged for another offset");
    }
    for (const auto& [at, value] : seen_)
        if (at.first == place && !found.contains(value))
            complain(to_string(place) + ": " + value + " was read and is lost");
}

}  // namespace stoker::simulation
