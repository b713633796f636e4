#include "workload/report/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "load/wall_time.hpp"
#include "workload/report/hlog.hpp"

namespace stoker::workload {
namespace {

constexpr double width = 720;
constexpr double height = 220;
constexpr double left = 70;
constexpr double right = 34;
constexpr double bottom = 24;

std::string escaped(std::string_view text) {
    std::string out;
    for (char c : text) {
        switch (c) {
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '&': out += "&amp;"; break;
            case '"': out += "&quot;"; break;
            default: out += c;
        }
    }
    return out;
}

struct Line {
    const char* name;
    const char* color;
    std::vector<std::pair<double, double>> points{};
};

struct Plot {
    const char* title;
    std::vector<Line> lines{};
    std::function<std::string(double)> x_text{};
    std::function<std::string(double)> y_text{};
};

double greatest(const Plot& plot, bool x) {
    double most = 0;
    for (const Line& line : plot.lines)
        for (const auto& point : line.points) most = std::max(most, x ? point.first : point.second);
    return most > 0 ? most : 1;
}

/// Between marks of an axis: 1, 2 or 5 with zeros, so that there are four or so of them.
double step_for(double most) {
    constexpr double marks = 4;
    const double zeros = std::pow(10, std::floor(std::log10(most / marks)));
    for (const double digit : {1.0, 2.0, 5.0})
        if (digit * zeros * marks >= most * 0.8) return digit * zeros;
    return 10 * zeros;
}

std::string svg(const Plot& plot) {
    const double x_max = greatest(plot, true);
    const double x_step = step_for(x_max);
    const double y_step = step_for(greatest(plot, false));
    const double y_max = std::ceil(greatest(plot, false) / y_step) * y_step;
    const auto at_x = [&](double x) { return left + (width - left - right) * x / x_max; };
    const auto at_y = [&](double y) {
        return height - bottom - (height - bottom - 10) * y / y_max;
    };
    std::string out = fmt::format(
        "<h2>{}</h2>\n<svg viewBox='0 0 {} {}' role='img' aria-label='{}'>\n", plot.title, width,
        height, plot.title);
    for (double y = 0; y <= y_max + y_step / 2; y += y_step)
        out += fmt::format("<line class='grid' x1='{:.1f}' x2='{}' y1='{:.1f}' y2='{:.1f}'/>"
                           "<text class='y' x='{}' y='{:.1f}'>{}</text>\n",
                           left, width - right, at_y(y), at_y(y), left - 6, at_y(y) + 4,
                           plot.y_text(y));
    for (double x = 0; x <= x_max * 1.0001; x += x_step)
        out += fmt::format("<text class='x' x='{:.1f}' y='{}'>{}</text>\n", at_x(x), height - 6,
                           plot.x_text(x));
    for (const Line& line : plot.lines) {
        out += fmt::format("<polyline stroke='{}' points='", line.color);
        for (const auto& [x, y] : line.points)
            out += fmt::format("{:.1f},{:.1f} ", at_x(x), at_y(y));
        out += "'/>\n";
    }
    out += "</svg>\n<p class='key'>";
    for (const Line& line : plot.lines)
        out += fmt::format("<span style='color:{}'>&#9632;</span> {} ", line.color, line.name);
    return out + "</p>\n";
}

std::string seconds_text(double seconds) { return fmt::format("{:.4g} s", seconds); }
std::string count_text(double count) {
    return fmt::format("{:.{}f}", count, count == std::round(count) ? 0 : 1);
}
std::string us_text(double microseconds) { return shown_us(int64_t(microseconds)); }

Plot rates_plot(const RunResult& result) {
    Line acknowledged{.name = "acknowledged", .color = "#1769aa"};
    Line consumed{.name = "consumed", .color = "#2e7d32"};
    for (const Interval& one : result.intervals) {
        const double length = std::max(one.end_s - one.start_s, 1e-3);
        if (length < 0.5) continue;
        acknowledged.points.emplace_back(one.end_s, double(one.acknowledged) / length);
        consumed.points.emplace_back(one.end_s, double(one.consumed) / length);
    }
    return {.title = "Messages a second",
            .lines = {acknowledged, consumed},
            .x_text = seconds_text,
            .y_text = count_text};
}

Plot times_plot(const RunResult& result) {
    Line p50{.name = "p50", .color = "#2e7d32"};
    Line p99{.name = "p99", .color = "#ef6c00"};
    Line most{.name = "max", .color = "#c62828"};
    for (const Interval& one : result.intervals) {
        if (one.response_us.count() == 0) continue;
        p50.points.emplace_back(one.end_s, double(one.response_us.percentile(50)));
        p99.points.emplace_back(one.end_s, double(one.response_us.percentile(99)));
        most.points.emplace_back(one.end_s, double(one.response_us.max()));
    }
    return {.title = "Response time, second by second",
            .lines = {most, p99, p50},
            .x_text = seconds_text,
            .y_text = us_text};
}

/// To p99.999, each nine as wide as the one before it.
Plot percentiles_plot(const RunResult& result) {
    Line response{.name = "response time (from the intended send time)", .color = "#c62828"};
    Line service{.name = "service time (from the actual one)", .color = "#1769aa"};
    for (double nines = 0; nines <= 5; nines += 0.05) {
        const double percent = 100 * (1 - std::pow(10, -nines));
        response.points.emplace_back(nines, double(result.sent.response_us.percentile(percent)));
        service.points.emplace_back(nines, double(result.sent.service_us.percentile(percent)));
    }
    return {.title = "Percentiles",
            .lines = {response, service},
            .x_text =
                [](double nines) {
                    return fmt::format("p{:.6g}", 100 * (1 - std::pow(10, -nines)));
                },
            .y_text = us_text};
}

constexpr std::string_view style = R"(<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:760px;margin:2em auto;padding:0 1em;color:#222}
h2{font-size:1.05em;margin:1.6em 0 .3em}svg{width:100%;background:#fafafa}polyline{fill:none;
stroke-width:1.5}.grid{stroke:#ddd}text{font-size:11px;fill:#555}.y{text-anchor:end}
.x{text-anchor:middle}.key{margin:.2em 0;color:#555}pre{overflow-x:auto;background:#fafafa;
padding:.8em;font-size:11.5px}.good{color:#2e7d32}.bad{color:#c62828}
</style>
)";

}  // namespace

std::string report_csv(const RunResult& result, const Verdict& verdict) {
    std::string out = "start_s,end_s,sent,acknowledged,consumed,response_p50_us,response_p99_us,"
                      "response_p999_us,response_max_us,service_p50_us,service_p99_us\n";
    for (const Interval& one : result.intervals) {
        out += fmt::format("{:.3f},{:.3f},{},{},{},", one.start_s, one.end_s, one.sent,
                           one.acknowledged, one.consumed);
        out += verdict.refused ? ",,,,,\n"
                               : fmt::format("{},{},{},{},{},{}\n", one.response_us.percentile(50),
                                             one.response_us.percentile(99),
                                             one.response_us.percentile(99.9),
                                             one.response_us.max(), one.service_us.percentile(50),
                                             one.service_us.percentile(99));
    }
    return out;
}

std::string report_hlog(const RunResult& result, const Verdict& verdict) {
    const double start_s = double(result.start_wall_ms) / 1000;
    std::string out = fmt::format(
        "#[Response times of stoker load run, workload {}, in microseconds]\n"
        "#[Histogram log format version 1.3]\n"
        "#[StartTime: {:.3f} (seconds since epoch), {}]\n"
        "#[BaseTime: {:.3f} (seconds since epoch)]\n"
        "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\""
        "\n",
        result.name, start_s, load::iso_time(result.start_wall_ms * 1000), start_s);
    if (verdict.refused) return out + "#[" + *verdict.refused + "]\n";
    for (const Interval& one : result.intervals)
        out += fmt::format("{:.3f},{:.3f},{:.3f},{}\n", one.start_s, one.end_s - one.start_s,
                           double(one.response_us.max()), compressed_histogram(one.response_us));
    return out;
}

std::string report_html(const Workload& workload, const RunResult& result, const Verdict& verdict) {
    std::string out = "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
                      "<meta name='viewport' content='width=device-width'>\n";
    out += fmt::format("<title>stoker load: {}</title>\n{}</head><body>\n", escaped(result.name),
                       style);
    out += fmt::format("<h1>{}</h1>\n<p>{}</p>\n<p class='{}'><strong>{}</strong></p>\n",
                       escaped(result.name), escaped(workload.description),
                       verdict.status == Status::good ? "good" : "bad", escaped(verdict.sentence));
    out += "<pre>" + escaped(report_text(result, verdict)) + "</pre>\n";
    out += svg(rates_plot(result));
    if (!verdict.refused) {
        out += svg(times_plot(result));
        out += svg(percentiles_plot(result));
    }
    return out + "</body></html>\n";
}

}  // namespace stoker::workload
