// What must hold for any bytes that claim to be a record of the broker's own topics, or what the
// members of a group hand to one another: they are refused, or read and written again as the same.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.hpp"
#include "protocol/messages/records_consumer_groups.hpp"
#include "protocol/messages/records_consumer_offsets.hpp"
#include "protocol/messages/records_control.hpp"
#include "protocol/messages/records_metadata.hpp"
#include "protocol/messages/records_scram.hpp"
#include "protocol/messages/records_transaction_state.hpp"
#include "protocol/messages/subscription.hpp"
#include "request_check.hpp"

namespace stoker::protocol {

template <Message... T>
constexpr std::array<bool (*)(ByteView), sizeof...(T)> checks_of() {
    return {check_request<T>...};
}

/// A byte chooses the record, and what follows is as in check_request.
inline bool check_record(ByteView input) {
    static constexpr auto checks = checks_of<
        ConsumerGroupMetadataKey, ConsumerGroupMetadataValue, ConsumerGroupPartitionMetadataKey,
        ConsumerGroupPartitionMetadataValue, ConsumerGroupMemberMetadataKey,
        ConsumerGroupMemberMetadataValue, ConsumerGroupTargetAssignmentMetadataKey,
        ConsumerGroupTargetAssignmentMetadataValue, ConsumerGroupTargetAssignmentMemberKey,
        ConsumerGroupTargetAssignmentMemberValue, ConsumerGroupCurrentMemberAssignmentKey,
        ConsumerGroupCurrentMemberAssignmentValue, ConsumerGroupRegularExpressionKey,
        ConsumerGroupRegularExpressionValue, OffsetCommitKey, OffsetCommitValue, GroupMetadataKey,
        GroupMetadataValue, EndTxnMarker, LeaderChangeMessage, SnapshotHeaderRecord,
        SnapshotFooterRecord, KRaftVersionRecord, VotersRecord, RegisterBrokerRecord, TopicRecord,
        PartitionRecord, ConfigRecord, PartitionChangeRecord, RemoveTopicRecord, FeatureLevelRecord,
        ProducerIdsRecord, BrokerRegistrationChangeRecord, ClientQuotaRecord,
        AccessControlEntryRecord, RemoveAccessControlEntryRecord, NoOpRecord,
        BeginTransactionRecord, EndTransactionRecord, AbortTransactionRecord,
        RegisterControllerRecord, UserScramCredentialRecord, RemoveUserScramCredentialRecord,
        TransactionLogKey, TransactionLogValue, ConsumerProtocolSubscription,
        ConsumerProtocolAssignment>();
    if (input.empty()) return false;
    return checks[size_t(input.front()) % checks.size()](input.subspan(1));
}

}  // namespace stoker::protocol
