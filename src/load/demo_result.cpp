#include "load/demo_result.hpp"

#include <fmt/format.h>

namespace stoker::load {

namespace {

double figure(const Json& milliseconds, const char* name) {
    return milliseconds.is_object() ? milliseconds.value(name, 0.0) : 0.0;
}

std::string latency_row(const char* name, const Json& ms) {
    return fmt::format("  {:<14}{:>10.2f}{:>10.2f}{:>10.2f}{:>10.2f}\n", name, figure(ms, "p50"),
                       figure(ms, "p99"), figure(ms, "p99.9"), figure(ms, "max"));
}

}  // namespace

DemoResult demo_result(const Json& producer, const Json& consumer) {
    DemoResult result;
    if (!producer.is_object()) {
        result.failed = 1;
        return result;
    }
    result.acknowledged = producer.value("messages_sent", int64_t(0));
    result.failed = producer.value("messages_failed", int64_t(0));
    result.sent = result.acknowledged + result.failed;
    result.mb_per_second = producer.value("mb_per_second", 0.0);
    result.messages_per_second = producer.value("messages_per_second", 0.0);
    result.ack_ms = producer.value("ack_ms", Json());
    if (!consumer.is_object() || !consumer.contains("verified")) return result;
    result.failed += consumer.value("messages_failed", int64_t(0));
    const Json& verified = consumer["verified"];
    for (auto& part : verified["producers"]) {
        if (part["run_id"] != producer["run_id"]) continue;
        result.consumed += part["distinct"].get<int64_t>();
        result.duplicated += part["duplicated"].get<int64_t>();
    }
    result.end_to_end_ms = verified["end_to_end_ms"];
    return result;
}

std::string demo_table(const DemoResult& result) {
    std::string text = fmt::format(
        "\n"
        "  sent          {:>10}\n"
        "  acknowledged  {:>10}\n"
        "  consumed      {:>10}\n"
        "  lost          {:>10}\n"
        "  duplicated    {:>10}\n",
        result.sent, result.acknowledged, result.consumed, result.lost(), result.duplicated);
    if (result.failed > 0) text += fmt::format("  failed        {:>10}\n", result.failed);
    text += fmt::format("  throughput    {:>10.2f} MB/s, {:.1f} messages a second\n",
                        result.mb_per_second, result.messages_per_second);
    text += fmt::format("\n  {:<14}{:>10}{:>10}{:>10}{:>10}\n", "milliseconds", "p50", "p99",
                        "p99.9", "max");
    text += latency_row("acknowledged", result.ack_ms);
    text += latency_row("end to end", result.end_to_end_ms);
    text += "  both from the time at which a message ought to have been sent\n\n";
    text += result.holds() ? "Every acknowledged message arrived, and once.\n"
                           : "This is not right: see the figures above.\n";
    return text;
}

}  // namespace stoker::load
