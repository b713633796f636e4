// The presets: workload files that come with the program; `--show-preset NAME` prints one.
#include "workload/file/workload_file.hpp"

namespace stoker::workload {
namespace {

constexpr std::string_view smoke =
    R"(# Does it work at all? Ten seconds, one producer, one group.
name: smoke
description: a small, even load through one topic
load:
  - {shape: constant, rate: 1000, for: 10s}
topics: {count: 1, partitions: 3}
producers: {count: 1, acks: all, idempotent: true}
keys: {distribution: uniform, count: 1000}
values: {size: 256}
groups:
  - {consumers: 1}
# What arrives counts here: on a machine that is too busy for true times there are none.
limits: {times: optional}
)";

constexpr std::string_view throughput =
    R"(# How much goes through? A closed loop: as fast as the cluster takes it,
# in large batches. Its times are those of a full pipe; for response times use latency.
name: throughput
description: as many messages of 1 KB as the cluster takes
load:
  - {shape: max, for: 30s}
topics: {count: 1, partitions: 6}
producers:
  count: 1
  settings: {batch.size: 262144, linger.ms: 5, compression.type: lz4}
keys: {distribution: none}
values: {size: 1000, compressibility: 0.5}
groups:
  - {consumers: 1}
)";

constexpr std::string_view latency =
    R"(# How long does a message take? Random gaps, as independent users make them,
# and no linger.
name: latency
description: small messages at random times, sent one by one
load:
  - {shape: poisson, rate: 1000, for: 60s}
topics: {count: 1, partitions: 6}
producers: {count: 2, settings: {linger.ms: 0}}
keys: {distribution: uniform, count: 10000}
values: {size: 200}
groups:
  - {consumers: 2}
)";

constexpr std::string_view black_friday =
    R"(# A day of a shop in two minutes: a calm morning, the rush at the opening,
# waves, a flash sale, and the evening. Few articles get most of the orders.
name: black-friday
description: orders of a shop on its busiest day
load:
  - {shape: constant, rate: 300, for: 15s, arrivals: poisson}
  - {shape: ramp, from: 300, to: 3000, for: 15s, arrivals: poisson}
  - {shape: sine, rate: 3000, amplitude: 1500, period: 20s, for: 40s, arrivals: poisson}
  - {shape: bursts, rate: 2000, burst: 8000, burst_for: 1s, every: 5s, for: 30s}
  - {shape: ramp, from: 2000, to: 200, for: 20s, arrivals: poisson}
topics: {count: 3, partitions: 6}
producers: {count: 3, settings: {linger.ms: 5, compression.type: lz4}}
keys: {distribution: zipf, count: 50000, exponent: 1.1}
values:
  template: >-
    {"order": "{{uuid}}", "customer": "{{name}}", "email": "{{email}}", "article": "{{key}}",
    "quantity": {{int 1 5}}, "price": {{decimal 5 900 2}}, "city": "{{city}}",
    "country": "{{country}}", "payment": "{{choice card paypal transfer voucher}}",
    "placed_at": "{{now}}"}
headers: {source: web-shop}
groups:
  - {consumers: 3}
  - {consumers: 1, slow: {consumers: 1, delay: 100us}}
)";

constexpr std::string_view rebalance =
    R"(# What do messages go through while consumers come and go? Nothing may be lost
# or out of order; what was read but not committed comes again (redelivered).
name: rebalance
description: an even load while the members of a group change
load:
  - {shape: constant, rate: 1000, for: 60s}
topics: {count: 2, partitions: 6}
producers: {count: 2}
keys: {distribution: uniform, count: 10000}
values: {size: 300, distribution: lognormal, sigma: 0.6, max: 64KiB}
groups:
  - {consumers: 3, churn: {every: 5s, how: leave}}
  - {consumers: 2}
limits: {times: optional}
)";

}  // namespace

const std::vector<Preset>& presets() {
    static const std::vector<Preset> all{{"smoke", smoke},
                                         {"throughput", throughput},
                                         {"latency", latency},
                                         {"black-friday", black_friday},
                                         {"rebalance", rebalance}};
    return all;
}

}  // namespace stoker::workload
