// What can be done with a kind of resource at all, as the bit field of KIP-430: bit n is the
// operation with ACL code n. Without an authorizer everybody may do everything that the kind knows.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "broker/security/acl.hpp"

namespace stoker::broker {

constexpr int32_t bits_of(std::initializer_list<AclOperation> operations) {
    int32_t bits = 0;
    for (AclOperation operation : operations) bits |= 1 << int(operation);
    return bits;
}

inline constexpr int32_t operations_on_topic =
    bits_of({AclOperation::read, AclOperation::write, AclOperation::create, AclOperation::remove,
             AclOperation::alter, AclOperation::describe, AclOperation::describe_configs,
             AclOperation::alter_configs});
inline constexpr int32_t operations_on_group =
    bits_of({AclOperation::read, AclOperation::remove, AclOperation::describe,
             AclOperation::describe_configs, AclOperation::alter_configs});
inline constexpr int32_t operations_on_cluster =
    bits_of({AclOperation::create, AclOperation::alter, AclOperation::describe,
             AclOperation::cluster_action, AclOperation::describe_configs,
             AclOperation::alter_configs, AclOperation::idempotent_write});

/// Of the kinds that answers tell operations of.
constexpr int32_t possible_operations(AclResource resource) {
    switch (resource) {
        case AclResource::topic: return operations_on_topic;
        case AclResource::group: return operations_on_group;
        case AclResource::cluster: return operations_on_cluster;
        default: return 0;
    }
}

}  // namespace stoker::broker
