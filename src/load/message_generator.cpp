#include "load/message_generator.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/check.hpp"
#include "load/json.hpp"

namespace stoker::load {
namespace {

constexpr std::string_view metadata_begin = ", \"_metadata\": {\"generated_at\": \"";
constexpr std::string_view metadata_id = "\", \"message_id\": \"msg_";
constexpr std::string_view metadata_end =
    "\", \"version\": \"1.0\", \"source\": \"kafka_producer_bomber\"}";
constexpr int64_t message_id_low = 1'000'000;
constexpr int64_t message_id_high = 9'999'999;
constexpr size_t message_id_digits = 7;
constexpr std::string_view padding_begin = ", \"padding\": \"";
constexpr std::string_view address_example = "255.255.255.255";
constexpr std::string_view time_example = "2026-08-31T09:15:02.123456+00:00";

/// The text between the quotes of a JSON string.
std::string escaped(const std::string& text) {
    const std::string quoted = line_of(Json(text));
    return quoted.substr(1, quoted.size() - 2);
}

size_t longest(const std::vector<std::string>& words) {
    size_t length = 0;
    for (const std::string& word : words) length = std::max(length, word.size());
    return length;
}

size_t digits_of(int64_t low, int64_t high) {
    return std::max(fmt::format_int(low).size(), fmt::format_int(high).size());
}

}  // namespace

MessageGenerator::MessageGenerator(uint64_t seed, size_t size,
                                   const std::vector<MessageTemplate>& templates)
    : random_(seed), size_(size) {
    int64_t weights = 0;
    for (const MessageTemplate& source : templates) {
        if (source.weight == 0) continue;
        weights += source.weight;
        Program program{.type = source.type,
                        .head = "{\"type\": \"" + escaped(source.type) + "\", \"timestamp\": \"",
                        .pieces = {},
                        .weight_end = weights};
        for (const Field& field : source.fields)
            program.pieces.push_back(compile(field, field.name == source.key));
        programs_.push_back(std::move(program));
    }
    STOKER_CHECK(!programs_.empty(), "there is a template with a weight");
}

MessageGenerator::Piece MessageGenerator::compile(const Field& field, bool is_key) {
    Piece piece{.kind = field.kind,
                .is_key = is_key,
                .digits = field.digits,
                .low = field.low,
                .high = field.high,
                .before = ", \"" + escaped(field.name) + "\": ",
                .after = "",
                .words = {}};
    const bool is_number = field.kind == Field::Kind::whole || field.kind == Field::Kind::decimal;
    if (!is_number) {
        piece.before += '"';
        piece.after = "\"";
    }
    for (const std::string& word : field.words) piece.words.push_back(escaped(word));
    // The prefix of an id is part of the key, so it cannot be part of what stands before.
    if (!field.text.empty()) piece.words.push_back(escaped(field.text));
    return piece;
}

size_t MessageGenerator::length_max(const Program& program) {
    size_t length = program.head.size() + time_example.size() + 1;
    for (const Piece& piece : program.pieces) {
        length += piece.before.size() + piece.after.size() + longest(piece.words);
        if (piece.kind == Field::Kind::address) length += address_example.size();
        if (piece.kind == Field::Kind::id || piece.kind == Field::Kind::whole)
            length += digits_of(piece.low, piece.high);
        // A point and a zero in front of it.
        if (piece.kind == Field::Kind::decimal)
            length += std::max(digits_of(piece.low, piece.high), size_t(piece.digits)) + 2;
    }
    return length + metadata_begin.size() + time_example.size() + metadata_id.size() +
           message_id_digits + metadata_end.size() + 1;
}

size_t MessageGenerator::size_max() const {
    size_t length = 0;
    for (const Program& program : programs_) length = std::max(length, length_max(program));
    return length + padding_begin.size() + 1;
}

GeneratedMessage MessageGenerator::next(int64_t wall_us) {
    std::string_view time = time_.format(wall_us);
    const Program& program = choose();
    buffer_.clear();
    key_size_ = 0;
    text(program.head);
    text(time);
    text("\"");
    for (const Piece& piece : program.pieces) write(piece);
    metadata(time);
    if (buffer_.size() + 1 < size_) pad();
    text("}");
    return {program.type, {buffer_.data() + key_at_, key_size_}, {buffer_.data(), buffer_.size()}};
}

const MessageGenerator::Program& MessageGenerator::choose() {
    const auto at = int64_t(random_.below(uint64_t(programs_.back().weight_end)));
    return *std::ranges::find_if(programs_, [at](auto& p) { return at < p.weight_end; });
}

void MessageGenerator::write(const Piece& piece) {
    text(piece.before);
    const size_t begin = buffer_.size();
    switch (piece.kind) {
        case Field::Kind::text:
            if (!piece.words.empty()) text(piece.words[0]);
            break;
        case Field::Kind::id:
            if (!piece.words.empty()) text(piece.words[0]);
            number(between(piece.low, piece.high));
            break;
        case Field::Kind::whole:
            number(between(piece.low, piece.high));
            break;
        case Field::Kind::decimal:
            write_decimal(piece);
            break;
        case Field::Kind::word:
            text(piece.words[random_.below(piece.words.size())]);
            break;
        case Field::Kind::address:
            write_address(piece);
            break;
    }
    if (piece.is_key) {
        key_at_ = begin;
        key_size_ = buffer_.size() - begin;
    }
    text(piece.after);
}

void MessageGenerator::write_decimal(const Piece& piece) {
    const int64_t scale = power_of_ten(piece.digits);
    int64_t scaled = between(piece.low, piece.high);
    if (scaled < 0) text("-");
    scaled = std::abs(scaled);
    number(scaled / scale);
    if (piece.digits == 0) return;
    text(".");
    // A leading 1 keeps the zeros of the fraction: 1000042 is ".000042".
    fmt::format_int fraction(scale + scaled % scale);
    buffer_.append(fraction.data() + 1, fraction.data() + fraction.size());
}

void MessageGenerator::write_address(const Piece& piece) {
    for (int part = 0; part < 4; ++part) {
        if (part > 0) text(".");
        number(between(piece.low, piece.high));
    }
}

void MessageGenerator::metadata(std::string_view time) {
    text(metadata_begin);
    text(time);
    text(metadata_id);
    number(between(message_id_low, message_id_high));
    text(metadata_end);
}

void MessageGenerator::pad() {
    const size_t fixed = padding_begin.size() + 2;  // the closing quote and the closing brace
    const size_t size = buffer_.size();
    text(padding_begin);
    buffer_.resize(std::max(size_ - 1, size + fixed - 1) - 1);
    std::fill(buffer_.data() + size + padding_begin.size(), buffer_.data() + buffer_.size(), 'x');
    text("\"");
}

void MessageGenerator::number(int64_t value) {
    fmt::format_int digits(value);
    buffer_.append(digits.data(), digits.data() + digits.size());
}

int64_t MessageGenerator::between(int64_t low, int64_t high) {
    return low + int64_t(random_.below(uint64_t(high - low) + 1));
}

}  // namespace stoker::load
