// Topics chosen by a regular expression, as --topic of several tools has it (upstream's
// TopicFilter): commas mean "or", blanks and quotes around it are dropped, the whole name matches.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace stoker::cli {

class TopicFilter {
public:
    /// Throws KafkaException for what is no regular expression. Java's look-arounds and
    /// back-references are none here.
    explicit TopicFilter(std::string_view pattern);
    ~TopicFilter();
    TopicFilter(TopicFilter&&) noexcept;

    bool allows(std::string_view topic, bool exclude_internal) const;

private:
    std::unique_ptr<re2::RE2> regex_;
};

}  // namespace stoker::cli
