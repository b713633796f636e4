// Points in time and durations as the tools' options have them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kafka/failure.hpp"

namespace stoker::kafka {

/// Utils.getDateTime: "2020-01-01T00:00:00.000" with an optional zone ("Z", "+02", "+0200",
/// "+02:00"), UTC without one; milliseconds since 1970. Fails with Java's ParseException.
Outcome<int64_t> parse_date_time(std::string_view text);

/// java.time.Duration.parse: "P1DT2H3M4.5S", in milliseconds. Fails with DateTimeParseException.
Outcome<int64_t> parse_duration_ms(std::string_view text);

}  // namespace stoker::kafka
