#include "protocol/messages/57_update_features.hpp"

#include "protocol/codec.hpp"

namespace stoker::protocol {

template struct MessageIo<UpdateFeaturesRequest>;
template struct MessageIo<UpdateFeaturesResponse>;

}  // namespace stoker::protocol
