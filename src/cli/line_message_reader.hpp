// How kafka-console-producer makes a record of a line (upstream's LineMessageReader):
// `[headers<delimiter>][key<separator>]value`, each part where its property asks for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "kafka/client_properties.hpp"
#include "record/builder.hpp"

namespace re2 {
class RE2;
}

namespace stoker::cli {

/// Views into the line.
struct LineRecord {
    std::optional<ByteView> key{};
    std::optional<ByteView> value{};
    std::vector<record::Header> headers{};
};

class LineMessageReader {
public:
    /// Throws KafkaException for separators that contradict one another.
    explicit LineMessageReader(const kafka::ClientProperties& properties);
    ~LineMessageReader();

    /// Throws KafkaException, with the number of the line, when a part that is asked for is
    /// missing. What is returned is valid until the next call.
    const LineRecord& parse(std::string_view line);

private:
    std::optional<std::string_view> part(bool wanted, std::string_view rest,
                                         std::string_view line, std::string_view separator,
                                         std::string_view what) const;
    void split_headers(std::string_view headers);
    void add_header(std::string_view pair);
    std::optional<ByteView> unless_null(std::string_view text) const;

    bool parse_key_ = false;
    bool parse_headers_ = false;
    bool ignore_error_ = false;
    std::string key_separator_ = "\t";
    std::string headers_delimiter_ = "\t";
    std::string headers_separator_ = ",";
    std::string headers_key_separator_ = ":";
    std::optional<std::string> null_marker_;
    /// Null where headers.separator is plain text.
    std::unique_ptr<re2::RE2> separator_pattern_;
    int64_t line_number_ = 0;
    LineRecord record_;
};

}  // namespace stoker::cli
