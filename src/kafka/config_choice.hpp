// Configuration values that are one of a few words (ConfigDef.ValidString), for producers and
// consumers.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "kafka/failure.hpp"

namespace stoker::kafka {

inline Failure invalid_value(std::string_view name, std::string_view value, std::string_view why) {
    return config_failure(std::string("Invalid value ")
                              .append(value)
                              .append(" for configuration ")
                              .append(name)
                              .append(": ")
                              .append(why));
}

inline Outcome<std::string> one_of(std::string_view name, std::string value,
                                   std::initializer_list<std::string_view> words) {
    std::string list;
    for (const std::string_view word : words) {
        if (value == word) return value;
        list.append(list.empty() ? "" : ", ").append(word);
    }
    return failed(invalid_value(name, value, "String must be one of: " + list));
}

}  // namespace stoker::kafka
