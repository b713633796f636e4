// kafka-dump-log on the files beside a segment: its indexes and the snapshots of its producers.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/tool.hpp"

namespace stoker::cli {

struct IndexDump {
    bool sanity_only = false;
    bool verify_only = false;
    int32_t max_message_size = 0;
};

/// What was found wrong on the way, told at the end. By the absolute path of the file.
struct IndexFaults {
    using Pairs = std::vector<std::pair<int64_t, int64_t>>;
    std::map<std::string, std::map<int64_t, int64_t>> offset_mismatches;
    std::map<std::string, Pairs> timestamp_mismatches;
    std::map<std::string, Pairs> out_of_order;
    std::map<std::string, Pairs> not_found;
};

void dump_offset_index(Streams& io, const std::string& path, const IndexDump& how,
                       IndexFaults& faults);
void dump_time_index(Streams& io, const std::string& path, const IndexDump& how,
                     IndexFaults& faults);
void dump_producer_snapshot(Streams& io, const std::string& path);
void dump_transaction_index(Streams& io, const std::string& path);

void print_offset_mismatches(Streams& io, const IndexFaults& faults);
void print_time_faults(Streams& io, const IndexFaults& faults);

/// The offset that the file is named by. Fails with NumberFormatException.
int64_t base_offset_of(const std::string& path);
std::string absolute_path(const std::string& path);

}  // namespace stoker::cli
