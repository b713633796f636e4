#include "protocol/messages/records_metadata.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<RegisterBrokerRecord>;
template struct MessageIo<TopicRecord>;
template struct MessageIo<PartitionRecord>;
template struct MessageIo<ConfigRecord>;
template struct MessageIo<PartitionChangeRecord>;
template struct MessageIo<RemoveTopicRecord>;
template struct MessageIo<FeatureLevelRecord>;
template struct MessageIo<ProducerIdsRecord>;
template struct MessageIo<BrokerRegistrationChangeRecord>;
template struct MessageIo<ClientQuotaRecord>;
template struct MessageIo<AccessControlEntryRecord>;
template struct MessageIo<RemoveAccessControlEntryRecord>;
template struct MessageIo<NoOpRecord>;
template struct MessageIo<BeginTransactionRecord>;
template struct MessageIo<EndTransactionRecord>;
template struct MessageIo<AbortTransactionRecord>;
template struct MessageIo<RegisterControllerRecord>;

}  // namespace stoker::protocol
