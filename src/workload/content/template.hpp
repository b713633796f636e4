// Template: text with holes that are filled anew for every message, compiled once into a list of
// steps. A hole is {{function arguments}}; everything else stands for itself.
//
//     {"id": "{{uuid}}", "name": "{{name}}", "amount": {{decimal 1 500 2}}, "at": {{now_ms}}}
//
// docs/load.md lists the functions; function_help() is where that list comes from.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "workload/random64.hpp"

namespace stoker::workload {

/// What a hole may ask for beside chance.
struct TemplateContext {
    uint64_t sequence = 0;  ///< of the producer's messages
    int64_t wall_ms = 0;
    std::string_view key;
};

class Template {
public:
    static constexpr size_t text_max = 1 << 20;
    static constexpr size_t steps_max = 10'000;

    /// The error is a sentence with the place: "column 12: there is no function 'nmae'; …".
    static std::expected<Template, std::string> compile(std::string_view text);

    /// Appends one filling.
    void write(std::string& out, Random64& random, const TemplateContext& context) const;

    using Step = std::function<void(std::string&, Random64&, const TemplateContext&)>;

private:
    std::vector<Step> steps_;
};

/// A line for each function: "int LOW HIGH", "a whole number from LOW to HIGH".
struct TemplateFunctionHelp {
    std::string_view usage;
    std::string_view meaning;
};
std::vector<TemplateFunctionHelp> function_help();

}  // namespace stoker::workload
