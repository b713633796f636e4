#include "cli/topic_filter.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "cli/admin_tool.hpp"

namespace stoker::cli {
namespace {

std::string cleaned(std::string_view pattern) {
    auto blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    auto quote = [](char c) { return c == '"' || c == '\''; };
    while (!pattern.empty() && blank(pattern.front())) pattern.remove_prefix(1);
    while (!pattern.empty() && blank(pattern.back())) pattern.remove_suffix(1);
    std::string regex(pattern);
    std::ranges::replace(regex, ',', '|');
    std::erase(regex, ' ');
    regex.erase(regex.begin(), std::ranges::find_if_not(regex, quote));
    while (!regex.empty() && quote(regex.back())) regex.pop_back();
    return regex;
}

}  // namespace

TopicFilter::TopicFilter(std::string_view pattern) {
    std::string regex = cleaned(pattern);
    re2::RE2::Options options;
    options.set_log_errors(false);
    regex_ = std::make_unique<re2::RE2>(regex, options);
    if (!regex_->ok()) throw_java("java.lang.RuntimeException", regex + " is an invalid regex.");
}

TopicFilter::~TopicFilter() = default;
TopicFilter::TopicFilter(TopicFilter&&) noexcept = default;

bool TopicFilter::allows(std::string_view topic, bool exclude_internal) const {
    re2::StringPiece text(topic.data(), topic.size());
    return re2::RE2::FullMatch(text, *regex_) && !(exclude_internal && is_internal_topic(topic));
}

}  // namespace stoker::cli
