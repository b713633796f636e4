#include "broker/metadata/scram_alterations.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "broker/outcome.hpp"
#include "protocol/messages/records_scram.hpp"

namespace stoker::broker {
namespace {

using protocol::AlterUserScramCredentialsRequest;
using Deletion = AlterUserScramCredentialsRequest::ScramCredentialDeletion;
using Upsertion = AlterUserScramCredentialsRequest::ScramCredentialUpsertion;
using security::ScramMechanism;

/// Clients' salts have 20 to 64 bytes; each is sent to whoever begins to log in.
constexpr size_t salt_size_max = 1024;

using Judged = std::optional<Refusal>;  // nothing: it is fine

Judged refused(ErrorCode code, std::string why) {
    return Refusal{code, std::move(why)};
}

Judged judge_name(const std::string& user, int8_t mechanism) {
    if (user.empty())
        return refused(ErrorCode::unacceptable_credential, "Username must not be empty");
    if (security::scram_mechanism(mechanism) == ScramMechanism::unknown)
        return refused(ErrorCode::unsupported_sasl_mechanism, "Unknown SCRAM mechanism");
    return std::nullopt;
}

Judged judge(const MetadataImage& image, const Deletion& deletion) {
    if (Judged why = judge_name(deletion.name, deletion.mechanism)) return why;
    if (!image.scram().contains({ScramMechanism(deletion.mechanism), deletion.name}))
        return refused(ErrorCode::resource_not_found,
                       "Attempt to delete a user credential that does not exist");
    return std::nullopt;
}

Judged judge(const Upsertion& upsertion) {
    if (Judged why = judge_name(upsertion.name, upsertion.mechanism)) return why;
    if (upsertion.iterations < security::scram_iterations_min)
        return refused(ErrorCode::unacceptable_credential, "Too few iterations");
    if (upsertion.iterations > security::scram_iterations_max)
        return refused(ErrorCode::unacceptable_credential, "Too many iterations");
    if (upsertion.salt.empty() || upsertion.salt.size() > salt_size_max)
        return refused(ErrorCode::unacceptable_credential, "The salt is empty or too long");
    if (upsertion.salted_password.empty())
        return refused(ErrorCode::unacceptable_credential, "The salted password is empty");
    return std::nullopt;
}

Bytes record_of(const Deletion& deletion) {
    return protocol::encode_metadata_record(
        protocol::RemoveUserScramCredentialRecord{.name = deletion.name,
                                                  .mechanism = deletion.mechanism},
        0);
}

Bytes record_of(const Upsertion& upsertion) {
    auto credential =
        security::scram_credential(ScramMechanism(upsertion.mechanism), upsertion.salt,
                                   upsertion.salted_password, upsertion.iterations);
    return protocol::encode_metadata_record(
        protocol::UserScramCredentialRecord{.name = upsertion.name,
                                            .mechanism = upsertion.mechanism,
                                            .salt = std::move(credential.salt),
                                            .stored_key = std::move(credential.stored_key),
                                            .server_key = std::move(credential.server_key),
                                            .iterations = credential.iterations},
        0);
}

/// What becomes of each user of a request.
class Verdicts {
public:
    void add(const std::string& user, const Judged& judged, Bytes record) {
        if (refusals_.contains(user)) return;
        if (accepted_.erase(user) > 0) {
            refuse_user(user, {ErrorCode::duplicate_resource,
                               "A user credential cannot be altered twice in the same request"});
        } else if (judged) {
            refuse_user(user, *judged);
        } else {
            accepted_.emplace(user, std::move(record));
            order_.push_back(user);
        }
    }

    ScramAlterations take() && {
        ScramAlterations done;
        for (const std::string& user : order_) {
            auto found = accepted_.find(user);
            if (found == accepted_.end()) continue;
            done.records.push_back(std::move(found->second));
            accepted_.erase(found);
            done.results.push_back({.user = user, .error_message = std::nullopt});
        }
        for (const std::string& user : refused_order_) {
            Refusal& why = refusals_[user];
            done.results.push_back({.user = user,
                                    .error_code = why.code,
                                    .error_message = std::move(why.message)});
        }
        return done;
    }

private:
    void refuse_user(const std::string& user, Refusal why) {
        refusals_.emplace(user, std::move(why));
        refused_order_.push_back(user);
    }

    std::map<std::string, Bytes> accepted_;
    std::map<std::string, Refusal> refusals_;
    std::vector<std::string> order_;
    std::vector<std::string> refused_order_;
};

}  // namespace

ScramAlterations scram_alterations(const MetadataImage& image,
                                   const AlterUserScramCredentialsRequest& asked) {
    Verdicts verdicts;
    for (const Deletion& deletion : asked.deletions) {
        Judged judged = judge(image, deletion);
        verdicts.add(deletion.name, judged, judged ? Bytes{} : record_of(deletion));
    }
    for (const Upsertion& upsertion : asked.upsertions) {
        Judged judged = judge(upsertion);
        verdicts.add(upsertion.name, judged, judged ? Bytes{} : record_of(upsertion));
    }
    return std::move(verdicts).take();
}

}  // namespace stoker::broker
