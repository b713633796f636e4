#include "broker/produce/transactional_produce.hpp"

#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "broker/broker.hpp"
#include "broker/transaction/partition_verification.hpp"
#include "record/batch.hpp"

namespace stoker::broker {

using protocol::ProduceRequest;

namespace {

constexpr int16_t first_version_with_topic_ids = 13;
constexpr int16_t first_version_with_abortable = 11;
/// From here on a client speaks transactions v2: it adds no partitions itself.
constexpr int16_t first_version_that_adds = 12;

/// Where a batch that may begin a transaction is in the request.
struct Place {
    size_t topic = 0;
    size_t partition = 0;
};

struct Claims {
    std::set<std::pair<ProducerId, int16_t>> producers;
    std::vector<ClaimedPartition> partitions;
    std::vector<Place> places;
};

std::optional<record::BatchHeader> transactional_batch(
    const ProduceRequest::PartitionProduceData& data, int16_t version) {
    if (!data.records) return std::nullopt;
    // What is wrong with its shape is said when it would be appended.
    const std::string nameless;
    if (!check_shape(data.records->bytes, {.version = version, .topic = nameless})) {
        return std::nullopt;
    }
    const auto header = record::parse_header(data.records->bytes);
    if (!header || !header->is_transactional() || !header->has_producer_id()) return std::nullopt;
    return *header;
}

/// What the request wants to write in a transaction, where there is such a partition.
Claims claims_of(Broker& broker, const ProduceRequest& asked, int16_t version) {
    Claims claims;
    for (size_t t = 0; t < asked.topic_data.size(); ++t) {
        const auto& topic = asked.topic_data[t];
        const auto found = version >= first_version_with_topic_ids
                               ? broker.metadata().find(topic.topic_id)
                               : broker.metadata().find(topic.name);
        for (size_t p = 0; p < topic.partition_data.size(); ++p) {
            const auto& data = topic.partition_data[p];
            const auto batch = transactional_batch(data, version);
            if (!batch) continue;
            claims.producers.emplace(batch->producer_id, batch->producer_epoch);
            auto partition = found && !found->internal() ? found->partition(data.index) : nullptr;
            if (!partition) continue;
            claims.partitions.push_back({std::move(partition), batch->base_sequence});
            claims.places.push_back({t, p});
        }
    }
    return claims;
}

/// Refusals as a producer of that version expects them. One that is worth another try must not send
/// an older producer looking for another leader.
BatchRefusal refusal_of(ErrorCode error, int16_t version) {
    switch (error) {
        case ErrorCode::invalid_txn_state:
            return {.code = error,
                    .message = "Partition was not added to the transaction",
                    .record_errors = {}};
        case ErrorCode::concurrent_transactions:
            if (version >= first_version_that_adds) break;
            [[fallthrough]];
        case ErrorCode::network_exception:
        case ErrorCode::coordinator_load_in_progress:
        case ErrorCode::coordinator_not_available:
        case ErrorCode::not_coordinator:
            return {.code = ErrorCode::not_enough_replicas,
                    .message = "Unable to verify the partition has been added to the "
                               "transaction. Underlying error: " +
                               std::string(name(error)),
                    .record_errors = {}};
        default: break;
    }
    return {.code = error, .message = "", .record_errors = {}};
}

ProduceVerdicts no_verdicts(const ProduceRequest& asked) {
    ProduceVerdicts verdicts;
    for (const auto& topic : asked.topic_data) {
        verdicts.emplace_back(topic.partition_data.size());
    }
    return verdicts;
}

void enter(ProduceVerdicts& verdicts, const std::vector<Place>& places,
           const std::vector<Verification>& answers, int16_t version) {
    for (size_t i = 0; i < places.size(); ++i) {
        ProduceVerdict& verdict = verdicts[places[i].topic][places[i].partition];
        verdict.guard = answers[i].guard;
        verdict.refusal = refusal_of(answers[i].error, version);
    }
}

/// A request that outlives its frame.
struct Parked {
    ProduceRequest asked;
    std::vector<Bytes> copies;
    ProduceVerdicts verdicts;
    std::vector<Place> places;
    GoOn go_on;

    void take_bytes() {
        for (auto& topic : asked.topic_data) {
            for (auto& data : topic.partition_data) {
                if (!data.records) continue;
                copies.push_back(to_bytes(data.records->bytes));
                data.records->bytes = copies.back();
            }
        }
    }
};

}  // namespace

void verify_transaction(Broker& broker, const Request& request, ProduceRequest asked,
                        GoOn go_on) {
    const int16_t version = request.header.request_api_version;
    Claims claims = claims_of(broker, asked, version);
    ProduceVerdicts verdicts = no_verdicts(asked);
    if (claims.producers.size() > 1) {
        const BatchRefusal refusal{
            .code = ErrorCode::invalid_producer_id_mapping,
            .message = "Transactional records contained more than one producer ID",
            .record_errors = {}};
        for (auto& topic : verdicts) {
            for (ProduceVerdict& verdict : topic) verdict.refusal = refusal;
        }
        return go_on(asked, verdicts);
    }
    if (claims.partitions.empty()) return go_on(asked, verdicts);
    const auto [producer, epoch] = *claims.producers.begin();
    const bool adds = version >= first_version_that_adds;
    PartitionVerification verification(broker,
                                       {.transactional_id = asked.transactional_id.value_or(""),
                                        .producer = producer,
                                        .epoch = epoch,
                                        .adds = adds,
                                        .knows_abortable = version >= first_version_with_abortable,
                                        .patient = adds},
                                       std::move(claims.partitions));
    if (verification.settled()) {
        enter(verdicts, claims.places, std::move(verification).take(), version);
        return go_on(asked, verdicts);
    }
    auto parked = std::make_shared<Parked>();
    parked->asked = std::move(asked);
    parked->take_bytes();
    parked->verdicts = std::move(verdicts);
    parked->places = std::move(claims.places);
    parked->go_on = std::move(go_on);
    request.waits = true;
    std::move(verification).ask([parked, version](const std::vector<Verification>& answers) {
        enter(parked->verdicts, parked->places, answers, version);
        parked->go_on(parked->asked, parked->verdicts);
    });
}

}  // namespace stoker::broker
