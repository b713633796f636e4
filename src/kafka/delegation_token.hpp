// Delegation tokens (KIP-48): the calls of the admin client.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kafka/admin.hpp"
#include "protocol/messages/38_create_delegation_token.hpp"
#include "protocol/messages/39_renew_delegation_token.hpp"
#include "protocol/messages/40_expire_delegation_token.hpp"
#include "protocol/messages/41_describe_delegation_token.hpp"

namespace stoker::kafka {

using protocol::CreateDelegationTokenRequest;
using protocol::CreateDelegationTokenResponse;
using protocol::DescribeDelegationTokenRequest;
using protocol::DescribeDelegationTokenResponse;
using protocol::ExpireDelegationTokenRequest;
using protocol::ExpireDelegationTokenResponse;
using protocol::RenewDelegationTokenRequest;
using protocol::RenewDelegationTokenResponse;
using Principal = protocol::TokenPrincipal;

/// "User:alice".
std::string to_string(const Principal& principal);

using DelegationToken = DescribeDelegationTokenResponse::DescribedDelegationToken;

Outcome<DelegationToken> create_delegation_token(Admin& admin,
                                                 const CreateDelegationTokenRequest& request);
/// When the token expires now.
Outcome<int64_t> renew_delegation_token(Admin& admin, const RenewDelegationTokenRequest& request);
Outcome<int64_t> expire_delegation_token(Admin& admin,
                                         const ExpireDelegationTokenRequest& request);
/// Without owners: all that whoever asks may see.
Outcome<std::vector<DelegationToken>> describe_delegation_tokens(
    Admin& admin, const std::vector<Principal>& owners);

}  // namespace stoker::kafka
