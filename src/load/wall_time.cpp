#include "load/wall_time.hpp"

#include <fmt/format.h>
#include <time.h>

#include <chrono>

namespace stoker::load {

int64_t wall_ns() {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

std::string_view IsoTime::format(int64_t wall_us) {
    constexpr size_t fraction_at = 20;
    int64_t second = wall_us / 1'000'000;
    if (second != second_) {
        second_ = second;
        std::chrono::sys_seconds time{std::chrono::seconds(second)};
        auto day = std::chrono::floor<std::chrono::days>(time);
        std::chrono::year_month_day date(day);
        std::chrono::hh_mm_ss clock(time - day);
        fmt::format_to_n(text_.data(), text_.size(),
                         "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.000000+00:00", int(date.year()),
                         unsigned(date.month()), unsigned(date.day()), clock.hours().count(),
                         clock.minutes().count(), clock.seconds().count());
    }
    int64_t micros = wall_us % 1'000'000;
    for (size_t i = fraction_at + 6; i-- > fraction_at; micros /= 10)
        text_[i] = char('0' + micros % 10);
    return {text_.data(), text_.size()};
}

std::string iso_time(int64_t wall_us) {
    return std::string(IsoTime().format(wall_us));
}

}  // namespace stoker::load
