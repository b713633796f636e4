// java.text.SimpleDateFormat as far as the load tools' --date-format needs it: y M d H h m s S a E
// in their widths, quoted text, anything else as it is. Local time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stoker::cli {

/// Throws KafkaException (IllegalArgumentException) for a letter that is none of these.
std::string format_date(std::string_view pattern, int64_t wall_ms);

}  // namespace stoker::cli
