// The part of ClusterMetadata that concerns SCRAM users.
#include <utility>

#include "broker/metadata/cluster_metadata.hpp"

namespace stoker::broker {

using security::ScramMechanism;

std::vector<ScramResult> ClusterMetadata::alter_scram_users(
    const protocol::AlterUserScramCredentialsRequest& asked) {
    auto writer = writer_.lock();
    ScramAlterations altered = scram_alterations(writer->image, asked);
    if (altered.records.empty()) return std::move(altered.results);
    if (auto done = commit(*writer, altered.records); !done)
        for (ScramResult& result : altered.results)
            if (result.error_code == ErrorCode::none) {
                result.error_code = done.error().code;
                result.error_message = done.error().message;
            }
    return std::move(altered.results);
}

std::map<std::string, std::vector<std::pair<ScramMechanism, int32_t>>>
ClusterMetadata::scram_users() const {
    auto writer = writer_.lock();
    std::map<std::string, std::vector<std::pair<ScramMechanism, int32_t>>> users;
    for (const auto& [user, credential] : writer->image.scram())
        users[user.second].emplace_back(user.first, credential.iterations);
    return users;
}

security::ScramLookup ClusterMetadata::find(ScramMechanism mechanism,
                                            const std::string& user) const {
    auto writer = writer_.lock();
    const auto& users = writer->image.scram();
    security::ScramLookup lookup;
    auto found = users.lower_bound({mechanism, user});
    if (found != users.end() && found->first == std::pair(mechanism, user))
        lookup.credential = found->second;
    // A neighbour of that name, so that some name without a user looks like each of the users.
    if (found == users.end() || found->first.first != mechanism)
        found = users.lower_bound({mechanism, {}});
    if (found != users.end() && found->first.first == mechanism)
        lookup.usual = {.salt_size = found->second.salt.size(),
                        .iterations = found->second.iterations};
    return lookup;
}

}  // namespace stoker::broker
