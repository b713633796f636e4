// Recovery after kill -9 against reading what no checkpoint covers.
#include <memory>

#include <fmt/format.h>

#include "bench/life/crashed_log.hpp"
#include "bench/life/life_cases.hpp"

namespace stoker::bench {
namespace {

// The target: factor x reading + constant.
constexpr double reading_factor = 1.2;
constexpr double constant_seconds = 0.1;

}  // namespace

RatioCase recovery_case(const Servers& servers, const std::filesystem::path& folder,
                        uint64_t log_size) {
    // Made by the first block, which is dropped.
    const auto made = std::make_shared<std::unique_ptr<CrashedLog>>();
    const auto log = [=]() -> CrashedLog& {
        if (!*made) *made = std::make_unique<CrashedLog>(servers, folder, log_size);
        return **made;
    };
    return {.name = "recovery",
            .what = fmt::format("kill -9 with a log of {:.2g} GiB: exec to ListOffsets",
                                static_cast<double>(log_size) / (1 << 30)),
            .unit = "s",
            .work = "recovery",
            .peer = fmt::format("{} x read + {} s", reading_factor, constant_seconds),
            .target = 1,
            .at_least = false,
            .one_client_thread = false,
            .a = [=](const auto&) { return Block{.value = log().recover()}; },
            .b =
                [=](const auto&) {
                    const double seconds = log().read_uncovered();
                    return Block{.value = reading_factor * seconds + constant_seconds};
                }};
}

}  // namespace stoker::bench
