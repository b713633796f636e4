// When a run is good, when it is not, and when nothing can be said.
#include <gtest/gtest.h>

#include "workload/report/report.hpp"

namespace stoker::workload {
namespace {

class VerdictTest : public testing::Test {
protected:
    VerdictTest() {
        workload.groups = {GroupPlan{}};
        result.groups.emplace_back();
        result.sent.sent = result.sent.acknowledged = 1000;
        times(500, 10);
    }
    void times(int64_t response_us, int64_t slip_us) {
        result.sent.response_us = result.sent.slip_us = {};
        for (int i = 0; i < 1000; ++i) {
            result.sent.response_us.record(response_us);
            result.sent.slip_us.record(slip_us);
        }
    }
    void find(Finding finding) { result.groups[0].counts[size_t(finding)] = 1; }
    Verdict verdict() { return judge(workload, result); }

    Workload workload;
    RunResult result;
};

TEST_F(VerdictTest, a_run_without_findings_is_good) {
    EXPECT_EQ(verdict().status, Status::good);
}

TEST_F(VerdictTest, each_finding_fails_the_run_and_is_named) {
    for (size_t i = 0; i < findings; ++i) {
        result.groups[0] = {};
        find(Finding(i));
        EXPECT_EQ(verdict().status, Status::failed);
        EXPECT_NE(verdict().sentence.find(name(Finding(i))), std::string::npos);
    }
}

TEST_F(VerdictTest, readers_that_come_and_go_may_read_again) {
    find(Finding::redelivered);
    workload.groups[0].churn_every = std::chrono::seconds(1);
    EXPECT_EQ(verdict().status, Status::good);
}

TEST_F(VerdictTest, a_late_generator_has_nothing_to_report) {
    times(20'000, 15'000);
    const Verdict late = verdict();
    EXPECT_EQ(late.status, Status::no_report);
    EXPECT_NE(late.sentence.find("generator was the bottleneck"), std::string::npos);
    const Json json = report_json(workload, result, late);
    EXPECT_TRUE(json["response_time_us"].is_null());
    EXPECT_TRUE(json["service_time_us"].is_null());
    EXPECT_EQ(json["schedule_slip_us"]["p50"].get<int64_t>() / 1000, 15);
    EXPECT_EQ(json["lost"], 0);
}

TEST_F(VerdictTest, a_late_generator_has_no_times_to_report_though_there_is_a_finding) {
    times(20'000, 15'000);
    find(Finding::lost);
    EXPECT_TRUE(report_json(workload, result, verdict())["response_time_us"].is_null());
}

TEST_F(VerdictTest, where_times_are_optional_a_late_generator_leaves_them_out_and_the_run_is_good) {
    times(20'000, 15'000);
    workload.limits.times_optional = true;
    EXPECT_EQ(verdict().status, Status::good);
    const Json json = report_json(workload, result, verdict());
    EXPECT_TRUE(json["response_time_us"].is_null());
    EXPECT_NE(json["refused"].get<std::string>().find("bottleneck"), std::string::npos);
    // It was not the cluster that fell behind.
    result.sent.unsent = 5;
    EXPECT_EQ(verdict().status, Status::no_report);
}

TEST_F(VerdictTest, a_busy_reader_leaves_the_end_to_end_times_out_and_no_others) {
    result.reader_share = 0.99;
    EXPECT_EQ(verdict().status, Status::good);
    const Json json = report_json(workload, result, verdict());
    EXPECT_TRUE(json["end_to_end_us"].is_null());
    EXPECT_FALSE(json["response_time_us"].is_null());
    EXPECT_NE(report_text(result, verdict()).find("add consumers"), std::string::npos);
}

TEST_F(VerdictTest, messages_that_a_group_did_not_come_to_fail_the_run_but_are_not_lost) {
    result.groups[0].unread = 7;
    EXPECT_EQ(verdict().status, Status::failed);
    EXPECT_EQ(verdict().sentence,
              "7 messages were not read: a group made no progress for limits.patience");
    result.interrupted = true;
    EXPECT_NE(verdict().sentence.find("interrupted"), std::string::npos);
    EXPECT_EQ(report_json(workload, result, verdict())["groups"][0]["unread"], 7);
}

TEST_F(VerdictTest, lateness_that_does_not_matter_beside_the_response_time_is_told_and_accepted) {
    times(1'000'000, 15'000);
    EXPECT_EQ(verdict().status, Status::good);
    times(500, 900);
    EXPECT_EQ(verdict().status, Status::good);
}

TEST_F(VerdictTest, a_finding_counts_whatever_the_generator_did) {
    times(20'000, 15'000);
    find(Finding::lost);
    EXPECT_EQ(verdict().status, Status::failed);
}

TEST_F(VerdictTest, a_busy_thread_bounds_a_closed_loop_only) {
    result.sender_share = 0.99;
    EXPECT_EQ(verdict().status, Status::good);
    result.open_loop = false;
    EXPECT_EQ(verdict().status, Status::no_report);
}

TEST_F(VerdictTest, messages_without_an_acknowledgement_fail_the_run) {
    result.sent.failed = 1;
    result.sent.last_error = "the reason";
    EXPECT_NE(verdict().sentence.find("the reason"), std::string::npos);
    result.sent.failed = 0;
    result.sent.unsent = 1;
    EXPECT_EQ(verdict().status, Status::failed);
    EXPECT_NE(verdict().sentence.find("did not keep up"), std::string::npos);
}

TEST_F(VerdictTest, the_report_names_each_finding_with_its_offset) {
    find(Finding::duplicated);
    result.topics = {"t"};
    result.partitions = 3;
    result.groups[0].examples.push_back(
        {.what = Finding::duplicated, .partition = 2, .sequence = 5, .offset = 77});
    const Json json = report_json(workload, result, verdict());
    EXPECT_EQ(json["duplicated"], 1);
    EXPECT_EQ(json["findings"][0]["topic"], "t");
    EXPECT_EQ(json["findings"][0]["partition"], 2);
    EXPECT_EQ(json["findings"][0]["offset"], 77);
    EXPECT_NE(report_text(result, verdict()).find("t-2 offset 77"), std::string::npos);
}

TEST_F(VerdictTest, topics_that_are_kept_are_named) {
    result.topics = {"load-0", "load-1"};
    EXPECT_EQ(report_text(result, verdict()).find("load-0"), std::string::npos);
    result.topics_kept = true;
    EXPECT_NE(report_text(result, verdict()).find("kept: load-0, load-1"), std::string::npos);
    EXPECT_EQ(report_json(workload, result, verdict())["topics_kept"].size(), 2u);
}

}  // namespace
}  // namespace stoker::workload
