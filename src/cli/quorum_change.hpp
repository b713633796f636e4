// The commands of kafka-metadata-quorum that change the voters of the metadata quorum (KIP-853).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/uuid.hpp"
#include "cli/tool.hpp"
#include "kafka/admin.hpp"
#include "kafka/admin_cluster.hpp"
#include "kafka/client_properties.hpp"

namespace stoker::cli {

/// What of a controller's server.properties the quorum has to know. Throws what upstream throws for
/// a file that is not one of a formatted controller.
struct NewVoter {
    explicit NewVoter(const kafka::ClientProperties& controller);

    int32_t id = 0;
    Uuid directory_id;
    std::vector<kafka::VoterEndpoint> endpoints;
};

void add_controller(Streams& io, kafka::Admin& admin, const NewVoter& voter, bool dry_run);
void remove_controller(Streams& io, kafka::Admin& admin, int32_t id,
                       const std::string& directory_id, bool dry_run);

}  // namespace stoker::cli
