// The files of a report: what other programs are to read.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/bytes.hpp"
#include "workload/report/files.hpp"
#include "workload/report/hlog.hpp"

namespace stoker::workload {
namespace {

RunResult three_seconds() {
    RunResult result;
    result.name = "three";
    result.topics = {"t"};
    for (int i = 0; i < 3; ++i) {
        Interval one{.start_s = double(i), .end_s = i + 1.0, .sent = 2, .acknowledged = 2};
        one.response_us.record(100 + i);
        one.response_us.record(5000);
        result.sent.response_us.merge(one.response_us);
        result.intervals.push_back(one);
    }
    result.sent.acknowledged = result.sent.sent = 6;
    return result;
}

TEST(ReportFiles, csv_has_a_header_and_a_line_for_each_interval) {
    const std::string csv = report_csv(three_seconds(), {});
    EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 4);
    EXPECT_NE(csv.find("\n1.000,2.000,2,2,0,101,"), std::string::npos) << csv;
}

TEST(Hlog, a_histogram_is_its_header_and_its_counters_as_zigzag_varints) {
    load::Histogram histogram;
    histogram.record(0);
    histogram.record(3);
    histogram.record(3);
    // Cookie, three bytes of counters, no shift, three digits, from 1 to an hour, ratio 1.0; one
    // zero, two empty counters, two threes.
    EXPECT_EQ(hex(encode_histogram(histogram)),
              "1c849313" "00000003" "00000000" "00000003" "0000000000000001" "00000000d693a400"
              "3ff0000000000000" "020304");
}

TEST(Hlog, an_interval_is_a_line_behind_the_headers) {
    const std::string log = report_hlog(three_seconds(), {});
    EXPECT_TRUE(log.starts_with("#[Response times")) << log;
    EXPECT_NE(log.find("#[Histogram log format version 1.3]\n"), std::string::npos);
    EXPECT_NE(log.find("\n1.000,1.000,5000.000,HISTFAAA"), std::string::npos) << log;
}

TEST(ReportFiles, the_page_needs_nothing_else_and_has_its_plots) {
    Workload workload;
    workload.description = "<b>&";
    const std::string page = report_html(workload, three_seconds(), {});
    size_t plots = 0;
    for (size_t at = 0; (at = page.find("<svg", at)) != std::string::npos; ++at) ++plots;
    EXPECT_EQ(plots, 3u);
    EXPECT_EQ(page.find("http"), std::string::npos);
    EXPECT_NE(page.find("&lt;b&gt;&amp;"), std::string::npos);
}

TEST(ReportFiles, axes_have_round_marks) {
    const std::string page = report_html({}, three_seconds(), {});
    for (const char* mark : {">0.5<", ">2<", ">1 s<", ">3 s<", ">p90<", ">p99.999<", ">5.0 ms<"})
        EXPECT_NE(page.find(mark), std::string::npos) << mark;
}

TEST(ReportFiles, without_a_report_there_are_no_times_in_any_file) {
    const Verdict verdict{.status = Status::no_report,
                          .sentence = "the generator",
                          .refused = "the generator"};
    const std::string page = report_html({}, three_seconds(), verdict);
    EXPECT_EQ(page.find("Percentiles"), std::string::npos);
    EXPECT_NE(page.find("the generator"), std::string::npos);
    EXPECT_EQ(report_hlog(three_seconds(), verdict).find("HISTF"), std::string::npos);
    EXPECT_NE(report_csv(three_seconds(), verdict).find("\n1.000,2.000,2,2,0,,,,,,\n"),
              std::string::npos);
}

}  // namespace
}  // namespace stoker::workload
