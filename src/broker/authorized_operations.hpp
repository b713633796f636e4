// What a client may do with a resource, as the bit field of KIP-430: bit n is the operation with
// ACL code n. Without an authorizer everybody may do everything that the kind of resource knows.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace stoker::broker {

/// Codes of Kafka's AclOperation.
enum class Operation : uint8_t {
    read = 3,
    write = 4,
    create = 5,
    remove = 6,
    alter = 7,
    describe = 8,
    cluster_action = 9,
    describe_configs = 10,
    alter_configs = 11,
    idempotent_write = 12,
};

constexpr int32_t bits_of(std::initializer_list<Operation> operations) {
    int32_t bits = 0;
    for (Operation operation : operations) bits |= 1 << int(operation);
    return bits;
}

inline constexpr int32_t operations_on_topic =
    bits_of({Operation::read, Operation::write, Operation::create, Operation::remove,
             Operation::alter, Operation::describe, Operation::describe_configs,
             Operation::alter_configs});
inline constexpr int32_t operations_on_group =
    bits_of({Operation::read, Operation::remove, Operation::describe, Operation::describe_configs,
             Operation::alter_configs});
inline constexpr int32_t operations_on_cluster =
    bits_of({Operation::create, Operation::alter, Operation::describe, Operation::cluster_action,
             Operation::describe_configs, Operation::alter_configs, Operation::idempotent_write});

}  // namespace stoker::broker
