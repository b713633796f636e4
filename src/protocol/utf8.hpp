// UTF-8, as strictly as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
// Strings from the wire end up in logs, file names and JSON, so they are checked at the door.
#pragma once

#include <string_view>

namespace stoker::protocol {

bool is_utf8(std::string_view text);

}  // namespace stoker::protocol
