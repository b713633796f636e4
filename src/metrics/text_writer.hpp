// Prometheus's text exposition format 0.0.4, written straight into one string: what a scrape gets.
//
// The samples of a family must follow its head, and a family comes once: the format wants it, and
// nothing here checks it. Names and label names are the caller's constants and are taken as they
// are; help texts and label values may be anything and are escaped.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace stoker::metrics {

/// What HTTP calls the format.
inline constexpr std::string_view text_content_type = "text/plain; version=0.0.4; charset=utf-8";

enum class Type : uint8_t { counter, gauge, summary, untyped };

/// Views of what outlives the call that takes them.
struct Label {
    std::string_view name;
    std::string_view value;
};
using Labels = std::span<const Label>;

/// One thread.
class TextWriter {
public:
    /// "# HELP" and "# TYPE" of the family whose samples follow.
    void family(std::string_view name, Type type, std::string_view help);

    /// A sample of that family.
    template <std::integral T>
    void sample(Labels labels, T value) {
        if constexpr (std::signed_integral<T>) integer("", labels, int64_t(value));
        else unsigned_integer("", labels, uint64_t(value));
    }
    void sample(Labels labels, double value) { real("", labels, value); }
    template <class T>
    void sample(std::initializer_list<Label> labels, T value) {
        sample(Labels(labels.begin(), labels.size()), value);
    }
    template <class T>
    void sample(T value) {
        sample(Labels(), value);
    }

    // Of a summary.
    /// `quantile` as it is to be read, "0.99".
    void quantile(Labels labels, std::string_view quantile, double value);
    void count(Labels labels, uint64_t value) { unsigned_integer("_count", labels, value); }
    void sum(Labels labels, double value) { real("_sum", labels, value); }

    const std::string& text() const& { return text_; }
    std::string text() && { return std::move(text_); }

private:
    void begin(std::string_view suffix, Labels labels);
    void label(const Label& label);
    void number(double value);
    void integer(std::string_view suffix, Labels labels, int64_t value);
    void unsigned_integer(std::string_view suffix, Labels labels, uint64_t value);
    void real(std::string_view suffix, Labels labels, double value);

    std::string text_;
    std::string name_;
};

}  // namespace stoker::metrics
