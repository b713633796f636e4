// What AlterUserScramCredentials asks for, judged by upstream's rules against the users there are:
// the records that do it, and what is answered for each user.
#pragma once

#include <vector>

#include "base/bytes.hpp"
#include "broker/metadata/metadata_image.hpp"
#include "protocol/messages/51_alter_user_scram_credentials.hpp"

namespace stoker::broker {

using ScramResult =
    protocol::AlterUserScramCredentialsResponse::AlterUserScramCredentialsResult;

struct ScramAlterations {
    std::vector<Bytes> records;        // framed
    std::vector<ScramResult> results;  // as they are once the records are written
};

ScramAlterations scram_alterations(const MetadataImage& image,
                                   const protocol::AlterUserScramCredentialsRequest& asked);

}  // namespace stoker::broker
