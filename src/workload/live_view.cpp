#include "workload/live_view.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "workload/report/report.hpp"

namespace stoker::workload {
namespace {

/// Back to the line's begin, and what stands there goes.
constexpr const char* clear_line = "\r\x1b[K";

std::string bar(double part) {
    constexpr int cells = 20;
    const int full = int(std::clamp(part, 0.0, 1.0) * cells);
    return std::string(size_t(full), '#') + std::string(size_t(cells - full), '.');
}

}  // namespace

std::string live_line(const Progress& progress) {
    const bool drains = progress.stage == Progress::Stage::draining;
    std::string line = fmt::format("{} [{}] {:.0f}/{:.0f} s", drains ? "draining" : "loading ",
                                   bar(progress.elapsed_s / std::max(progress.load_s, 1e-3)),
                                   progress.elapsed_s, progress.load_s);
    if (progress.last == nullptr) return line;
    const Interval& last = *progress.last;
    const double length = std::max(last.end_s - last.start_s, 1e-3);
    return line + fmt::format("  {:.0f}/s acknowledged, {:.0f}/s consumed, p50 {} p99 {} max {}",
                              double(last.acknowledged) / length, double(last.consumed) / length,
                              shown_us(last.response_us.percentile(50)),
                              shown_us(last.response_us.percentile(99)),
                              shown_us(last.response_us.max()));
}

LiveView::LiveView(std::FILE* file)
    : file_(file), is_terminal_(::isatty(::fileno(file)) == 1) {}

LiveView::~LiveView() {
    if (!shown_) return;
    std::fputs(clear_line, file_);
    std::fflush(file_);
}

void LiveView::show(const Progress& progress) {
    if (!is_terminal_) return;
    std::fputs((clear_line + live_line(progress)).c_str(), file_);
    std::fflush(file_);
    shown_ = true;
}

}  // namespace stoker::workload
