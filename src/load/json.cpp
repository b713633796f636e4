#include "load/json.hpp"

#include <cmath>

namespace stoker::load {

std::string line_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json milliseconds_json(const Histogram& microseconds) {
    auto ms = [](double us) { return rounded(us / 1000, 3); };
    Json json;
    json["count"] = microseconds.count();
    json["mean"] = ms(microseconds.mean());
    json["p50"] = ms(double(microseconds.percentile(50)));
    json["p90"] = ms(double(microseconds.percentile(90)));
    json["p99"] = ms(double(microseconds.percentile(99)));
    json["p99.9"] = ms(double(microseconds.percentile(99.9)));
    json["max"] = ms(double(microseconds.max()));
    return json;
}

double rounded(double value, int decimals) {
    double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

}  // namespace stoker::load
