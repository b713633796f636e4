#include "broker/producer_ids.hpp"

namespace stoker::broker {

Result<ProducerId> ProducerIds::next() {
    auto block = block_.lock();
    if (block->next == block->end) {
        auto first = metadata_.allocate_producer_ids(block_size);
        if (!first) return fail(first.error());
        *block = {.next = raw(*first), .end = raw(*first) + block_size};
    }
    return ProducerId{block->next++};
}

}  // namespace stoker::broker
