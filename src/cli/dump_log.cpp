// kafka-dump-log: prints segment files, their indexes and snapshots, offline, as upstream's
// DumpLogSegments does. Batches of magic 0 and 1 are not read.
#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "base/big_endian.hpp"
#include "cli/admin_tool.hpp"
#include "cli/batch_file.hpp"
#include "cli/dump_indexes.hpp"
#include "cli/failures.hpp"
#include "cli/jopt.hpp"
#include "cli/stored_records.hpp"
#include "cli/tool_list.hpp"
#include "cli/usage.hpp"
#include "kafka/java_text.hpp"

namespace stoker::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view about =
    "Prints what is in the files of a partition: records, indexes, producer snapshots.";
constexpr std::string_view decoders = "org.apache.kafka.tools.api.";

struct Options {
    jopt::Parser parser;
    const jopt::Option& print = parser.accepts(
        "print-data-log", "Print keys and values too; every decoder option means it.");
    const jopt::Option& verify =
        parser.accepts("verify-index-only", "Check an index against its log, print only faults.");
    const jopt::Option& sanity = parser.accepts(
        "index-sanity-check", "Only check an index as a broker does when it starts.");
    const jopt::Option& files =
        parser.accepts("files", "REQUIRED: the files, with commas in between.")
            .with_required_arg("file1, file2, ...");
    const jopt::Option& max_message_size =
        parser.accepts("max-message-size", "How large a batch can be that an index leads to.")
            .with_required_arg("size", jopt::Type::int32)
            .defaults_to("5242880");
    const jopt::Option& max_bytes =
        parser.accepts("max-bytes", "Read no further than this in a log.")
            .with_required_arg("size", jopt::Type::int32)
            .defaults_to("2147483647");
    const jopt::Option& deep =
        parser.accepts("deep-iteration", "Print a line for each record, not only for each batch.");
    const jopt::Option& value_decoder =
        parser.accepts("value-decoder-class", "The values are strings, ints, longs or bytes.")
            .with_optional_arg()
            .defaults_to(std::string(decoders) + "StringDecoder");
    const jopt::Option& key_decoder =
        parser.accepts("key-decoder-class", "The keys are strings, ints, longs or bytes.")
            .with_optional_arg()
            .defaults_to(std::string(decoders) + "StringDecoder");
    const jopt::Option& offsets =
        parser.accepts("offsets-decoder", "The records are those of __consumer_offsets.");
    const jopt::Option& transactions =
        parser.accepts("transaction-log-decoder", "The records are those of __transaction_state.");
    const jopt::Option& metadata = parser.accepts(
        "cluster-metadata-decoder", "The records are those of the cluster's metadata.");
    const jopt::Option& remote = parser.accepts("remote-log-metadata-decoder",
                                                "The records are those of __remote_log_metadata.");
    const jopt::Option& share = parser.accepts("share-group-state-decoder",
                                               "The records are those of __share_group_state.");
    const jopt::Option& skip_metadata = parser.accepts(
        "skip-record-metadata", "Print keys and values without what stands before them.");
};

using Decode = std::function<StoredText(const record::RecordView& record)>;
using DecodeBytes = std::function<std::string(ByteView bytes)>;

DecodeBytes decoder_named(const std::string& name) {
    if (name == std::string(decoders) + "StringDecoder") {
        return [](ByteView bytes) { return std::string(text_of(bytes)); };
    }
    if (name == std::string(decoders) + "IntegerDecoder") {
        return [](ByteView bytes) {
            return bytes.size() < 4 ? "" : std::to_string(load_big_endian<int32_t>(bytes.data()));
        };
    }
    if (name == std::string(decoders) + "LongDecoder") {
        return [](ByteView bytes) {
            return bytes.size() < 8 ? "" : std::to_string(load_big_endian<int64_t>(bytes.data()));
        };
    }
    // Java prints the array's identity; the bytes say more.
    if (name == std::string(decoders) + "DefaultDecoder") return [](ByteView b) { return hex(b); };
    throw kafka::KafkaException(
        {.exception = "java.lang.RuntimeException",
         .message = "Failed to load decoder class",
         .cause = std::make_shared<const kafka::Failure>(
             kafka::Failure{.exception = "java.lang.ClassNotFoundException", .message = name})});
}

Decode coordinator_decoder(StoredText (*text)(int64_t, ByteView, std::optional<ByteView>)) {
    return [text](const record::RecordView& record) {
        if (!record.key) {
            throw_java("java.lang.RuntimeException",
                       "Failed to decode message at offset " + std::to_string(raw(record.offset)) +
                           " using the specified decoder (message had a missing key)");
        }
        return text(raw(record.offset), *record.key, record.value);
    };
}

Decode decode_for(const Options& from, const jopt::OptionSet& options) {
    if (options.has(from.offsets)) return coordinator_decoder(group_record_text);
    if (options.has(from.transactions)) return coordinator_decoder(transaction_record_text);
    if (options.has(from.metadata)) {
        return [](const record::RecordView& record) {
            return metadata_record_text(raw(record.offset), record.value.value_or(ByteView()));
        };
    }
    for (const jopt::Option* other : {&from.remote, &from.share}) {
        if (!options.has(*other)) continue;
        throw_java("org.apache.kafka.common.errors.UnsupportedVersionException",
                   "--" + other->name() +
                       " is not supported: neither tiered storage nor share "
                       "groups are served here.");
    }
    return [key = decoder_named(options.text_or_empty(from.key_decoder)),
            value = decoder_named(options.text_or_empty(from.value_decoder))](
               const record::RecordView& record) {
        StoredText text;
        if (record.key) text.key = key(*record.key);
        if (record.value) text.value = value(*record.value);
        return text;
    };
}

/// Prints one segment.
class LogDump {
public:
    LogDump(Streams& io, const Options& from, const jopt::OptionSet& options)
        : io_(io), decode_(decode_for(from, options)) {
        for (const jopt::Option* option :
             {&from.print, &from.offsets, &from.transactions, &from.metadata, &from.remote,
              &from.value_decoder, &from.key_decoder, &from.share}) {
            contents_ = contents_ || options.has(*option);
        }
        deep_ = contents_ || options.has(from.deep);
        skip_metadata_ = options.has(from.skip_metadata);
        max_bytes_ = *options.number(from.max_bytes);
    }

    void dump(const std::string& path) {
        print_start(path);
        const InputFile file(path);
        BatchFile batches(file, 0, max_bytes_);
        int64_t last_offset = -1;
        while (const auto batch = batches.next()) {
            print_batch(*batch, batches.position());
            if (deep_) print_records(*batch, path, last_offset);
        }
        const int64_t rest = file.size() - batches.next_position();
        if (rest <= 0 || max_bytes_ != std::numeric_limits<int32_t>::max()) return;
        io_.out.line("Found " + std::to_string(rest) + " invalid bytes at the end of " +
                     fs::path(path).filename().string());
    }

    void print_gaps() const {
        for (const auto& [path, gaps] : gaps_) {
            io_.err.line("Non-consecutive offsets in " + path);
            for (const auto& [before, after] : gaps) {
                io_.err.line("  " + std::to_string(before) + " is followed by " +
                             std::to_string(after));
            }
        }
    }

private:
    void print_start(const std::string& path) const {
        const std::string name = fs::path(path).filename().string();
        if (name.ends_with(".log")) {
            io_.out.line("Log starting offset: " + std::to_string(base_offset_of(path)));
            return;
        }
        if (name == "bootstrap.checkpoint") {
            io_.out.line("KRaft bootstrap snapshot");
            return;
        }
        // OFFSET-EPOCH.checkpoint, twenty and ten digits.
        const size_t dash = name.find('-');
        const std::string digits = "0123456789";
        const std::string end = name.substr(0, dash);
        const std::string epoch =
            dash == std::string::npos ? "" : name.substr(dash + 1, name.find('.') - dash - 1);
        if (end.size() != 20 || epoch.size() != 10 ||
            (end + epoch).find_first_not_of(digits) != std::string::npos) {
            throw_java("java.util.NoSuchElementException", "No value present");
        }
        io_.out.line("Snapshot end offset: " + std::to_string(std::stoll(end)) +
                     ", epoch: " + std::to_string(std::stoll(epoch)));
    }

    void print_batch(const record::BatchView& batch, int64_t position) const {
        const record::BatchHeader& header = batch.header;
        constexpr std::array<std::string_view, 8> codecs = {"none", "gzip", "snappy", "lz4",
                                                            "zstd", "5",    "6",      "7"};
        const auto bit = [](bool set) { return set ? "true" : "false"; };
        const bool horizon = header.has_delete_horizon();
        std::string line = "baseOffset: " + std::to_string(raw(header.base_offset)) +
                           " lastOffset: " + std::to_string(raw(header.last_offset())) +
                           " count: " + std::to_string(header.record_count) +
                           " baseSequence: " + std::to_string(header.base_sequence) +
                           " lastSequence: " + std::to_string(header.last_sequence()) +
                           " producerId: " + std::to_string(raw(header.producer_id)) +
                           " producerEpoch: " + std::to_string(header.producer_epoch) +
                           " partitionLeaderEpoch: " + std::to_string(raw(header.leader_epoch)) +
                           " isTransactional: " + bit(header.is_transactional()) +
                           " isControl: " + bit(header.is_control()) + " deleteHorizonMs: ";
        line += horizon ? "OptionalLong[" + std::to_string(header.base_timestamp) + "]"
                        : "OptionalLong.empty";
        line += " position: " + std::to_string(position) + " " + timestamp_type(header) + ": " +
                std::to_string(header.max_timestamp) + " size: " + std::to_string(header.size()) +
                " magic: " + std::to_string(header.magic) + " compresscodec: ";
        line += codecs[static_cast<size_t>(header.codec())];
        line += " crc: " + std::to_string(header.crc) + " isvalid: " + bit(is_valid(batch));
        io_.out.line(line);
    }

    void print_records(const record::BatchView& batch, const std::string& path,
                       int64_t& last_offset) {
        const auto read = record::for_each_record(
            batch, decompressed_size_max, [&](const record::RecordView& record) {
                const int64_t offset = raw(record.offset);
                if (offset != last_offset + 1) gaps_[absolute_path(path)][last_offset] = offset;
                last_offset = offset;
                print_record(batch.header, record);
            });
        if (read) return;
        throw_java("org.apache.kafka.common.InvalidRecordException",
                   "Found invalid record in the batch at offset " +
                       std::to_string(raw(batch.header.base_offset)));
    }

    void print_record(const record::BatchHeader& header, const record::RecordView& record) const {
        std::string line;
        if (!skip_metadata_) line = metadata_of(header, record);
        if (contents_ && !header.is_control()) {
            const StoredText text = decode_(record);
            std::string before = skip_metadata_ ? "| " : " ";
            if (text.key) {
                line += before + "key: " + *text.key;
                before = " ";
            }
            if (text.value) line += before + "payload: " + *text.value;
        }
        io_.out.line(line);
    }

    static std::string metadata_of(const record::BatchHeader& header,
                                   const record::RecordView& record) {
        const auto size = [](const std::optional<ByteView>& bytes) {
            return bytes ? std::to_string(bytes->size()) : std::string("-1");
        };
        int64_t sequence = header.base_sequence;
        if (sequence >= 0) {
            sequence += record.offset - header.base_offset;
            // Sequences start again after the largest int.
            if (sequence > std::numeric_limits<int32_t>::max()) sequence -= int64_t{1} << 31;
        }
        std::string keys;
        for (const auto& one : record.headers) {
            if (!keys.empty()) keys += ",";
            keys += one.key;
        }
        std::string line = "| offset: " + std::to_string(raw(record.offset)) + " " +
                           timestamp_type(header) + ": " + std::to_string(record.timestamp) +
                           " keySize: " + size(record.key) + " valueSize: " + size(record.value) +
                           " sequence: " + std::to_string(sequence) + " headerKeys: [" + keys + "]";
        if (header.is_control()) {
            line += control_record_text(record.key.value_or(ByteView()),
                                        record.value.value_or(ByteView()));
        }
        return line;
    }

    Streams& io_;
    Decode decode_;
    bool contents_ = false;
    bool deep_ = false;
    bool skip_metadata_ = false;
    int64_t max_bytes_ = 0;
    std::map<std::string, std::map<int64_t, int64_t>> gaps_;
};

}  // namespace

int run_dump_log(const Args& args, Streams& io) {
    const Options from;
    const jopt::OptionSet options = from.parser.parse(args);
    print_help_or_version(io, from.parser, options, about);
    check_required_args(io, from.parser, options, {&from.files});
    const IndexDump how{
        .sanity_only = options.has(from.sanity),
        .verify_only = options.has(from.verify),
        .max_message_size = static_cast<int32_t>(*options.number(from.max_message_size))};
    LogDump log(io, from, options);
    IndexFaults faults;
    const std::string files = *options.text(from.files);
    std::string_view rest = files;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find(','), rest.size());
        const std::string path(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        io.out.line("Dumping " + path);
        const std::string name = fs::path(path).filename().string();
        const size_t dot = name.rfind('.');
        const std::string ending = dot == std::string::npos ? "" : name.substr(dot);
        if (ending == ".log" || ending == ".checkpoint") {
            log.dump(path);
        } else if (ending == ".index") {
            dump_offset_index(io, path, how, faults);
        } else if (ending == ".timeindex") {
            dump_time_index(io, path, how, faults);
        } else if (ending == ".snapshot") {
            dump_producer_snapshot(io, path);
        } else if (ending == ".txnindex") {
            dump_transaction_index(io, path);
        } else {
            io.err.line("Ignoring unknown file " + path);
        }
    }
    print_offset_mismatches(io, faults);
    print_time_faults(io, faults);
    log.print_gaps();
    return 0;
}

}  // namespace stoker::cli
