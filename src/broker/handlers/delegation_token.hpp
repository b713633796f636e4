// The four APIs of delegation tokens (KIP-48), and what they have in common: this broker has no
// tokens, as an Apache Kafka without delegation.token.secret.key.
#pragma once

#include "broker/request.hpp"
#include "protocol/messages/38_create_delegation_token.hpp"
#include "protocol/messages/39_renew_delegation_token.hpp"
#include "protocol/messages/40_expire_delegation_token.hpp"
#include "protocol/messages/41_describe_delegation_token.hpp"

namespace stoker::broker {

class Broker;

/// Who may ask at all is told that tokens are off; others, who have proved nothing of themselves,
/// that they may not.
ErrorCode refuse_delegation_tokens(const Request& request);

void create_delegation_token(Broker&, const Request&, protocol::CreateDelegationTokenRequest,
                             Reply<protocol::CreateDelegationTokenResponse>);
void renew_delegation_token(Broker&, const Request&, protocol::RenewDelegationTokenRequest,
                            Reply<protocol::RenewDelegationTokenResponse>);
void expire_delegation_token(Broker&, const Request&, protocol::ExpireDelegationTokenRequest,
                             Reply<protocol::ExpireDelegationTokenResponse>);
void describe_delegation_token(Broker&, const Request&, protocol::DescribeDelegationTokenRequest,
                               Reply<protocol::DescribeDelegationTokenResponse>);

}  // namespace stoker::broker
