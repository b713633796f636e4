#include "client/mock_cluster.hpp"

#include <stdexcept>

namespace stoker::client {

MockCluster::MockCluster(int brokers) {
    auto owner = make_instance(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr);
    if (!owner) throw std::runtime_error("no mock cluster: " + owner.error().text);
    owner_ = std::move(*owner);
    cluster_.reset(rd_kafka_mock_cluster_new(owner_.get(), brokers));
    if (!cluster_) throw std::runtime_error("no mock cluster: librdkafka could not start it");
}

std::string MockCluster::bootstrap_servers() const {
    return rd_kafka_mock_cluster_bootstraps(cluster_.get());
}

void MockCluster::create_topic(const std::string& name, int partitions) {
    auto code = rd_kafka_mock_topic_create(cluster_.get(), name.c_str(), partitions, 1);
    if (code) throw std::runtime_error("topic " + name + ": " + rd_kafka_err2str(code));
}

void MockCluster::fail_next(int16_t api_key, rd_kafka_resp_err_t error) {
    rd_kafka_mock_push_request_errors(cluster_.get(), api_key, 1, error);
}

void MockCluster::stop_broker(int32_t id) {
    rd_kafka_mock_broker_set_down(cluster_.get(), id);
}

}  // namespace stoker::client
