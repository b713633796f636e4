// What kafka-share-groups and kafka-streams-groups have in common: they list their groups, and for
// everything else need APIs that neither our broker nor our client speaks. A broker without them
// gets upstream's own error; a broker with them an error that says whose fault it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cli/jopt.hpp"
#include "cli/listing.hpp"
#include "cli/tool.hpp"
#include "kafka/admin.hpp"

namespace stoker::cli {

struct UnservedApi {
    int16_t key = 0;
    /// As in ApiKeys: "SHARE_GROUP_DESCRIBE".
    std::string_view name;
};

struct GroupKind {
    /// "Share"
    std::string type;
    /// "share"
    std::string word;
    std::vector<std::string> states;
};

/// `states` is the value of --state, which was given when `with_states`.
void list_unserved_groups(Streams& io, kafka::Admin& admin, const GroupKind& kind, bool with_states,
                          std::string_view states, std::optional<OutputFormat> format,
                          kafka::CallOptions call);

/// Asks the group's coordinator whether it has the API, and fails either way.
[[noreturn]] void refuse_unserved(kafka::Admin& admin, const std::string& group,
                                  const UnservedApi& api, kafka::CallOptions call);

/// Upstream's end: the error on standard output, the trace on standard error.
void print_unserved_failure(Streams& io, const jopt::Parser& parser, const GroupKind& kind,
                            const kafka::Failure& failure);

}  // namespace stoker::cli
