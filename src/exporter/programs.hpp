// `stoker exporter`: consumer lag and offsets of any Kafka cluster for Prometheus.
#pragma once

namespace stoker::exporter {

/// Looks at the cluster every so often and serves what it saw last, until it is stopped. Status 1
/// when the first look fails.
int exporter_main(int argc, char** argv);

}  // namespace stoker::exporter
