"""stoker load against a broker: it accounts for every message, and its times are true when the broker stands still."""
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import stoker

FINDINGS = ("lost", "acked_missing", "duplicated", "redelivered", "reordered", "corrupted", "aborted_seen")


def load(*words):
    return subprocess.Popen([stoker.BIN / "stoker", "load", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process, timeout=120):
    out, err = process.communicate(timeout=timeout)
    lines = out.strip().splitlines()
    return process.returncode, json.loads(lines[-1]) if lines and lines[-1].startswith("{") else None, err


class OnBroker(unittest.TestCase):
    def setUp(self):
        self.broker = stoker.Broker("group.initial.rebalance.delay.ms=0").__enter__()
        self.addCleanup(self.broker.__exit__)
        self.folder = tempfile.TemporaryDirectory(prefix="stoker-e2e-")
        self.addCleanup(self.folder.cleanup)

    def start(self, *words):
        process = load("run", *words, "--bootstrap-servers", self.broker.bootstrap, "--json")
        self.addCleanup(process.kill)
        return process

    def start_file(self, text, *words):
        path = pathlib.Path(self.folder.name) / "load.yml"
        path.write_text(text)
        return self.start(path, *words)

    def run_file(self, text, *words):
        return end(self.start_file(text, *words))

    def topics(self):
        listed = stoker.run(stoker.BIN / "kafka-topics", "--bootstrap-server", self.broker.bootstrap, "--list",
                            "--exclude-internal")
        return listed.split()

    def await_records(self, count):
        """The load runs: the topics hold so many records."""
        def there():
            # It fails while there is no topic.
            done = subprocess.run([stoker.BIN / "kafka-get-offsets", "--bootstrap-server", self.broker.bootstrap,
                                   "--exclude-internal-topics"], capture_output=True, text=True, timeout=60)
            return sum(int(line.rsplit(":", 1)[1]) for line in done.stdout.split() if line.count(":") == 2) > count
        stoker.eventually(f"{count} records", there)

    def stand_still(self, seconds):
        self.broker.process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        self.broker.process.send_signal(signal.SIGCONT)

    def assert_clean(self, status, report, err):
        self.assertIsNotNone(report, err)
        self.assertEqual({name: report[name] for name in FINDINGS}, dict.fromkeys(FINDINGS, 0), report["verdict"])
        self.assertEqual((status, report["failed"], report["unsent"]), (0, 0, 0), report["verdict"])


# A thousand messages a second; times are there on a machine that is busy with other tests, too.
STEADY = "load: [{shape: constant, rate: 1000, for: %s}]\nlimits: {slip_p99: 10s}\n"


class Run(OnBroker):
    def test_smoke_accounts_for_every_message_and_leaves_no_topic(self):
        status, report, err = end(self.start("--preset", "smoke", "--duration", "3"))
        self.assert_clean(status, report, err)
        self.assertEqual((report["sent"], report["acknowledged"], report["consumed"]), (3000, 3000, 3000))
        self.assertEqual(self.topics(), [])

    def test_a_report_has_every_time_up_to_five_nines(self):
        status, report, err = self.run_file(STEADY % "3s")
        self.assert_clean(status, report, err)
        for name in ("response_time_us", "service_time_us", "end_to_end_us"):
            self.assertEqual(report[name]["count"], 3000)
            points = [report[name][p] for p in ("p50", "p90", "p99", "p999", "p9999", "p99999", "max")]
            self.assertEqual(points, sorted(points))

    def test_a_broker_that_stands_still_shows_in_the_response_time(self):
        """Stopped for two of six seconds: a third of the messages waited, a second on average, whoever held them.
        A tester that waits for answers before it sends the next would show a handful."""
        process = self.start_file(STEADY % "6s")
        self.await_records(1000)
        self.stand_still(2)
        status, report, err = end(process)
        self.assert_clean(status, report, err)
        self.assertEqual(report["acknowledged"], 6000)
        response = report["response_time_us"]
        self.assertGreater(response["max"], 1_500_000)
        self.assertGreater(response["p90"], 500_000)
        self.assertGreater(response["mean"], 100_000)

    def test_what_the_client_cannot_take_waits_in_the_schedule_and_still_counts(self):
        """Too much for the client's memory: what is not handed over has a short service time, and a true response
        time; the cluster's standing still is not the generator's slip."""
        text = """
load: [{shape: constant, rate: 400, for: 6s}]
producers: {settings: {buffer.memory: 2000000, linger.ms: 0}}
values: {size: 20KB}
limits: {slip_p99: 10s}
"""
        process = self.start_file(text)
        self.await_records(400)
        self.stand_still(2)
        status, report, err = end(process)
        self.assert_clean(status, report, err)
        self.assertGreater(report["held_back_s"], 1)
        self.assertGreater(report["held_back_us"]["max"], 1_000_000)
        self.assertGreater(report["response_time_us"]["p90"], 500_000)
        self.assertLess(report["service_time_us"]["p90"], report["response_time_us"]["p90"])

    def test_a_generator_that_is_too_slow_says_so_and_reports_no_times(self):
        status, report, err = self.run_file("""
load: [{shape: constant, rate: 20000000, for: 2s}]
values: {size: 10}
limits: {catch_up: 1s}
""")
        self.assertEqual(status, 3, err)
        self.assertIn("the load generator was the bottleneck", err)
        self.assertIsNone(report["response_time_us"])
        self.assertEqual(report["lost"], 0)

    def test_every_shape_key_and_size_arrives(self):
        status, report, err = self.run_file("""
load:
  - {shape: steps, rates: [200, 400], each: 500ms}
  - {shape: ramp, from: 100, to: 900, for: 1s}
  - {shape: sine, rate: 500, amplitude: 500, period: 1s, for: 1s, arrivals: poisson}
  - {shape: bursts, rate: 100, burst: 2000, burst_for: 100ms, every: 500ms, for: 1s}
topics: {count: 3, partitions: 4}
producers: {count: 3, settings: {compression.type: lz4}}
keys: {distribution: zipf, count: 500}
values: {distribution: lognormal, size: 200, max: 5KB, tombstones: 0.2}
headers: {source: test}
groups: [{consumers: 2}, {consumers: 1, start: 1s}, {start: after_load}]
limits: {slip_p99: 10s}
""")
        self.assert_clean(status, report, err)
        self.assertEqual(report["consumed"], 3 * report["acknowledged"])
        self.assertEqual([group["distinct"] for group in report["groups"]], 3 * [report["acknowledged"]])

    def test_committed_transactions_arrive_and_aborted_ones_do_not(self):
        status, report, err = self.run_file("""
load: [{shape: constant, rate: 500, for: 3s}]
producers: {count: 2, transactions: {every: 100ms, aborts: 0.3}}
groups: [{isolation: read_committed}]
limits: {slip_p99: 10s}
""", "--seed", "1")
        self.assert_clean(status, report, err)
        self.assertGreater(report["aborted"], 0)
        self.assertGreater(report["acknowledged"], 0)
        self.assertEqual(report["acknowledged"] + report["aborted"], 1500)
        self.assertEqual(report["consumed"], report["acknowledged"])

    def test_members_that_come_and_go_lose_nothing(self):
        status, report, err = end(self.start("--preset", "rebalance", "--duration", "8"))
        self.assertIsNotNone(report, err)
        self.assertEqual([report[name] for name in FINDINGS if name != "redelivered"], 6 * [0], report["verdict"])
        self.assertEqual(status, 0, err)

    def test_librdkafka_carries_the_same_load_both_ways(self):
        status, report, err = self.run_file("""
engine: librdkafka
load: [{shape: constant, rate: 1000, for: 2s}]
topics: {count: 2}
producers: {count: 2}
values: {size: 100, tombstones: 0.1}
groups: [{consumers: 2}, {start: after_load, isolation: read_committed}]
limits: {slip_p99: 10s}
""")
        self.assert_clean(status, report, err)
        self.assertEqual([group["distinct"] for group in report["groups"]], [2000, 2000])

    def test_librdkafka_s_consumers_that_crash_lose_nothing(self):
        status, report, err = self.run_file("""
engine: librdkafka
load: [{shape: constant, rate: 500, for: 6s}]
groups: [{consumers: 2, churn: {every: 2s, how: crash}, settings: {session.timeout.ms: 6000}}]
limits: {slip_p99: 10s}
""")
        self.assertIsNotNone(report, err)
        self.assertEqual([report[name] for name in FINDINGS if name != "redelivered"], 6 * [0], report["verdict"])
        self.assertEqual((status, report["groups"][0]["distinct"]), (0, 3000), err)

    def test_several_processes_send_one_load(self):
        status, report, err = self.run_file("""
load: [{shape: constant, rate: 2000, for: 3s}]
producers: {count: 5}
groups: [{}, {start: after_load}]
limits: {slip_p99: 10s}
""", "--workers", "3")
        self.assert_clean(status, report, err)
        self.assertEqual((report["sent"], report["acknowledged"], report["consumed"]), (6000, 6000, 12000))
        self.assertEqual(report["response_time_us"]["count"], 6000)
        self.assertEqual(sum(one["acknowledged"] for one in report["intervals"]), 6000)

    def test_a_process_that_is_killed_is_told_and_the_run_fails(self):
        process = self.start_file("""
load: [{shape: constant, rate: 500, for: 60s}]
producers: {count: 2}
limits: {slip_p99: 10s}
""", "--workers", "2")
        self.await_records(500)
        children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        self.assertEqual(len(children), 2)
        os.kill(int(children[1]), signal.SIGKILL)
        status, report, err = end(process)
        self.assertEqual(status, 1)
        self.assertIn("the worker process of producers 1 to 1 was killed by signal 9", err)
        self.assertEqual((report["lost"], report["duplicated"]), (0, 0))
        self.assertLess(report["sent"], 10_000)  # the others did not go on
        self.assertEqual(self.topics(), [])

    def test_ctrl_c_while_a_group_reads_leaves_its_messages_unread_and_not_lost(self):
        process = self.start_file("""
load: [{shape: constant, rate: 500, for: 1s}]
groups: [{start: after_load, slow: {delay: 20ms}}]
limits: {slip_p99: 10s}
""")
        self.await_records(500)
        def reads():
            done = subprocess.run([stoker.BIN / "kafka-consumer-groups", "--bootstrap-server", self.broker.bootstrap, "--list"],
                                  capture_output=True, text=True, timeout=60)
            return "stoker-load" in done.stdout
        stoker.eventually("the group reads", reads)
        process.send_signal(signal.SIGINT)
        status, report, err = end(process)
        self.assertEqual((status, report["lost"]), (1, 0), err)
        self.assertGreater(report["groups"][0]["unread"], 0)
        self.assertIn("messages were not read: the run was interrupted", err)


class Reports(OnBroker):
    def test_a_run_writes_its_files_and_two_runs_compare(self):
        folder = pathlib.Path(self.folder.name)
        status, report, err = self.run_file(STEADY % "6s", "--csv", folder / "r.csv", "--hlog", folder / "r.hlog",
                                            "--html", folder / "r.html")
        self.assert_clean(status, report, err)
        lines = (folder / "r.csv").read_text().splitlines()
        self.assertEqual(sum(int(line.split(",")[3]) for line in lines[1:]), 6000)
        self.assertIn("Histogram log format version 1.3", (folder / "r.hlog").read_text())
        self.assertEqual((folder / "r.html").read_text().count("<svg"), 3)
        a, b = folder / "a.json", folder / "b.json"
        a.write_text(json.dumps(report) + "\n")
        for one in report["intervals"]:
            one["response_p99_us"] *= 100  # far beyond what seconds of a busy machine differ by
        b.write_text(json.dumps(report) + "\n")
        for right, expected in ((a, 0), (b, 1)):
            done = subprocess.run([stoker.BIN / "stoker", "load", "compare", a, right, "--json"], capture_output=True, text=True)
            self.assertEqual((done.returncode, json.loads(done.stdout)["worse"]), (expected, expected == 1), done.stderr)

    def test_a_search_for_a_service_level_that_nothing_keeps_says_so(self):
        status, result, err = self.run_file("""
load: [{shape: constant, rate: 8, for: 1s}]
topics: {partitions: 1}
groups: []
limits: {slip_p99: 10s}
""", "--slo", "p99<1us", "--duration", "0.5")
        self.assertEqual((status, result["highest_rate"]), (4, 0), err)
        self.assertIn("no rate was found that keeps p99<1us", err)
        self.assertFalse(any(trial["held"] for trial in result["trials"]))


class Accounting(OnBroker):
    def test_messages_that_the_broker_no_longer_has_are_named_with_their_offsets(self):
        """Their records are deleted before the group begins to read."""
        process = self.start_file("""
load: [{shape: constant, rate: 500, for: 4s}]
topics: {prefix: victim, partitions: 1}
groups: [{start: after_load}]
limits: {times: optional}
""")
        admin = [stoker.BIN / "kafka-topics", "--bootstrap-server", self.broker.bootstrap, "--list"]
        stoker.eventually("the topic is there", lambda: "victim" in stoker.run(*admin))
        topic = next(line for line in stoker.run(*admin).split() if line.startswith("victim"))
        self.await_records(200)
        wanted = pathlib.Path(self.folder.name) / "delete.json"
        wanted.write_text(json.dumps({"partitions": [{"topic": topic, "partition": 0, "offset": 101}], "version": 1}))
        stoker.run(stoker.BIN / "kafka-delete-records", "--bootstrap-server", self.broker.bootstrap,
                   "--offset-json-file", wanted)
        status, report, err = end(process)
        self.assertEqual(status, 1, err)
        # One record opened the connection and counts for nothing.
        self.assertEqual((report["lost"], report["acked_missing"]), (100, 100))
        missing = [f for f in report["findings"] if f["what"] == "acked_missing"]
        self.assertEqual([f["offset"] for f in missing], list(range(1, 101)))
        self.assertEqual([f["sequence"] for f in missing], list(range(100)))
        self.assertIn("100 acked_missing", err)
        # Somebody will want to look at it.
        self.assertEqual((report["topics_kept"], self.topics()), ([topic], [topic]))


class Usage(unittest.TestCase):
    def test_wrong_usage_is_one_line_and_status_2(self):
        for words, part in ((["--preset", "smoek"], "There is no preset 'smoek'; there are smoke, throughput"),
                            ([], "give either a file or --preset"), (["no.yml"], "no.yml cannot be read"),
                            (["--preset", "smoke", "--duration", "-1"], "--duration"),
                            (["--preset", "smoke", "--workers", "2"], "no more than there are producers (1)"),
                            (["--preset", "smoke", "--html", "/no/such/folder/r.html"], "r.html cannot be written"),
                            (["--preset", "smoke", "--slo", "p99<1s", "--csv", "r.csv"], "--slo has no report")):
            status, _, err = end(load("run", *words))
            self.assertEqual(status, 2, err)
            self.assertIn(part, err)
            self.assertEqual(len(err.strip().splitlines()), 1, err)

    def test_a_preset_that_is_shown_is_a_file_that_runs(self):
        shown = stoker.run(stoker.BIN / "stoker", "load", "run", "--show-preset", "black-friday")
        self.assertIn("name: black-friday", shown)

    def test_nobody_there_is_one_line_and_status_1(self):
        status, _, err = end(load("run", "--preset", "smoke", "--bootstrap-servers", "127.0.0.1:1"))
        self.assertEqual(status, 1)
        self.assertIn("127.0.0.1:1", err)
        self.assertEqual(len(err.strip().splitlines()), 1, err)


if __name__ == "__main__":
    unittest.main()
