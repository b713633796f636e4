// docs/configuration.md, out of the declarations.
#pragma once

#include <string>

namespace stoker::broker {

/// Every config of the broker, of topics, groups and client metrics, as Markdown.
std::string configuration_doc();

}  // namespace stoker::broker
