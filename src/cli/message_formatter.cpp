#include "cli/message_formatter.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "cli/client_tool.hpp"
#include "cli/deserializer.hpp"

namespace stoker::cli {
namespace {

using kafka::ClientProperties;
using kafka::ConsumerRecord;

constexpr std::string_view default_logger =
    "org.apache.kafka.tools.consumer.DefaultMessageFormatter";

bool is_true(const ClientProperties& properties, std::string_view name, bool otherwise) {
    const auto value = properties.get(name);
    if (!value) return otherwise;
    std::string word = *value;
    std::erase_if(word, [](unsigned char c) { return c <= ' '; });
    std::ranges::transform(word, word.begin(), [](unsigned char c) { return std::tolower(c); });
    return word == "true";
}

class DefaultFormatter final : public MessageFormatter {
public:
    DefaultFormatter(const ClientProperties& properties, Streams& io)
        : timestamp_(is_true(properties, "print.timestamp", false)),
          partition_(is_true(properties, "print.partition", false)),
          offset_(is_true(properties, "print.offset", false)),
          delivery_(is_true(properties, "print.delivery", false)),
          epoch_(is_true(properties, "print.epoch", false)),
          headers_(is_true(properties, "print.headers", false)),
          key_(is_true(properties, "print.key", false)),
          value_(is_true(properties, "print.value", true)),
          separator_(properties.get_or("key.separator", "\t")),
          line_end_(properties.get_or("line.separator", "\n")),
          headers_separator_(properties.get_or("headers.separator", ",")),
          null_(properties.get_or("null.literal", "null")),
          key_reader_(deserializer(properties, "key.deserializer", io)),
          value_reader_(deserializer(properties, "value.deserializer", io)),
          headers_reader_(deserializer(properties, "headers.deserializer", io)) {}

    void write(const ConsumerRecord& record, Writer& out) override {
        if (timestamp_ || partition_ || offset_ || delivery_ || epoch_) write_front(record, out);
        if (headers_) {
            write_headers(record, out);
            out.write(key_ || value_ ? separator_ : line_end_);
        }
        if (key_) {
            write_part(record.view.key, key_reader_, out);
            out.write(value_ ? separator_ : line_end_);
        }
        if (value_) {
            write_part(record.view.value, value_reader_, out);
            out.write(line_end_);
        }
    }

private:
    static std::optional<Deserializer> deserializer(const ClientProperties& properties,
                                                    std::string_view name, Streams& io) {
        const auto class_name = properties.get(name);
        if (!class_name) return std::nullopt;
        const auto found = find_deserializer(*class_name);
        if (!found) {
            log_failure(io, "Unable to instantiate a deserializer from " + *class_name,
                        default_logger,
                        {.exception = "java.lang.ClassNotFoundException", .message = *class_name});
        }
        return found;
    }

    void write_front(const ConsumerRecord& record, Writer& out) const {
        // The parts that follow decide whether a column or the line ends here.
        std::array<bool, 5> wanted = {timestamp_, partition_, offset_, delivery_, epoch_};
        for (size_t i = 0; i < wanted.size(); ++i) {
            if (!wanted[i]) continue;
            switch (i) {
                case 0:
                    out.write(record.log_append_time ? "LogAppendTime:" : "CreateTime:");
                    write_number(record.view.timestamp, out);
                    break;
                case 1:
                    out.write("Partition:");
                    write_number(record.where->partition, out);
                    break;
                case 2:
                    out.write("Offset:");
                    write_number(raw(record.view.offset), out);
                    break;
                // Upstream copies the record without these two before it prints it.
                case 3: out.write("Delivery:NOT_PRESENT"); break;
                default: out.write("Epoch:NOT_PRESENT"); break;
            }
            const bool more = headers_ || key_ || value_ ||
                              std::any_of(wanted.begin() + i + 1, wanted.end(),
                                          [](bool one) { return one; });
            out.write(more ? separator_ : line_end_);
        }
    }

    static void write_number(int64_t number, Writer& out) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        out.write({digits.data(), size_t(end - digits.data())});
    }

    void write_headers(const ConsumerRecord& record, Writer& out) const {
        if (record.view.headers.empty()) {
            out.write("NO_HEADERS");
            return;
        }
        bool first = true;
        for (const record::HeaderView& header : record.view.headers) {
            if (!first) out.write(headers_separator_);
            first = false;
            out.write(header.key);
            out.write(":");
            write_part(header.value, headers_reader_, out);
        }
    }

    void write_part(const std::optional<ByteView>& part, const std::optional<Deserializer>& reader,
                    Writer& out) const {
        const ByteView bytes = part ? *part : bytes_of(null_);
        if (reader) out.write((*reader)(bytes));
        else out.write(text_of(bytes));
    }

    bool timestamp_;
    bool partition_;
    bool offset_;
    bool delivery_;
    bool epoch_;
    bool headers_;
    bool key_;
    bool value_;
    std::string separator_;
    std::string line_end_;
    std::string headers_separator_;
    std::string null_;
    std::optional<Deserializer> key_reader_;
    std::optional<Deserializer> value_reader_;
    std::optional<Deserializer> headers_reader_;
};

class NoOpFormatter final : public MessageFormatter {
public:
    void write(const ConsumerRecord&, Writer&) override {}
};

}  // namespace

std::unique_ptr<MessageFormatter> make_formatter(std::string_view class_name,
                                                 const ClientProperties& properties,
                                                 Streams& io) {
    constexpr std::string_view package = "org.apache.kafka.tools.consumer.";
    // The logging one prints as the default one and logs at a level that the tools do not show.
    if (class_name == default_formatter ||
        class_name == std::string(package) + "LoggingMessageFormatter") {
        return std::make_unique<DefaultFormatter>(properties, io);
    }
    if (class_name == std::string(package) + "NoOpMessageFormatter") {
        return std::make_unique<NoOpFormatter>();
    }
    return make_coordinator_formatter(class_name);
}

}  // namespace stoker::cli
