// YAML with sentences: a mapping whose keys are all known, values of a type and within limits, and
// in every complaint the file and the line. Our own code meets yaml-cpp's exceptions here only.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace stoker::load::yaml {

/// "12: the sentence"; caught where a file is read.
class Complaint : public std::runtime_error {
public:
    Complaint(const YAML::Node& where, const std::string& what);
};

/// Calls `visit` with each key and value of a mapping, in the order of the file. Two of one key are
/// a complaint. A node that is absent or null is an empty mapping.
void for_each(const YAML::Node& node, std::string_view what,
              const std::function<void(const std::string& key, const YAML::Node& value)>& visit);

/// `what` names the value in the complaint: "weight".
std::string text(const YAML::Node& node, std::string_view what);
int64_t whole(const YAML::Node& node, std::string_view what, int64_t low, int64_t high);
double decimal(const YAML::Node& node, std::string_view what, double low, double high);
std::vector<std::string> texts(const YAML::Node& node, std::string_view what, size_t count_max);

}  // namespace stoker::load::yaml
