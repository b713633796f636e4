"""stoker request, stoker respond and stoker schedule, as programs against a broker."""
import json
import pathlib
import subprocess
import tempfile
import time
import unittest

from confluent_kafka import Consumer, TopicPartition

import stoker
from prometheus import scrape


def program(*words, **options):
    return subprocess.Popen([stoker.BIN / "stoker", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


def end_offset(bootstrap, topic):
    return int(stoker.run("kcat", "-Q", "-b", bootstrap, "-t", f"{topic}:0:-1").split()[-1])


class OnBroker(unittest.TestCase):
    settings = ["group.initial.rebalance.delay.ms=0"]

    def setUp(self):
        self.broker = stoker.Broker(*self.settings).__enter__()
        self.addCleanup(self.broker.__exit__)
        self.at = ["--bootstrap-server", self.broker.bootstrap]

    def start(self, *words):
        process = program(*words, *self.at)
        process.stdin.close()
        process.stdin = None
        self.addCleanup(self.end, process)
        return process

    def figures(self, process):
        """Where its --metrics-port is; the first thing that it says."""
        line = process.stderr.readline()
        self.assertRegex(line, r"^stoker (respond|schedule): metrics at http://127\.0\.0\.1:\d+/metrics$")
        return line.split()[-1]

    @staticmethod
    def end(process):
        process.terminate()
        out, err = process.communicate(timeout=20)
        return out, err

    def run_to_end(self, *words, stdin=""):
        process = program(*words, *self.at)
        out, err = process.communicate(stdin, timeout=60)
        return process.returncode, out, err


class RequestAndReply(OnBroker):
    def ask(self, *words, stdin):
        return self.run_to_end("request", "--topic", "ask", "--reply-topic", "answers", *words, stdin=stdin)

    def respond(self, *words):
        """A responder that answers whatever is asked from now on."""
        responder = self.start("respond", "--topic", "ask", *words)
        self.assertIn("answers what comes to ask from now on", responder.stderr.readline())
        return responder

    def test_each_line_gets_its_reply_in_the_order_of_the_lines(self):
        self.respond("--exec", "tr a-z A-Z")
        lines = [f"line {i}" for i in range(100)]
        status, out, err = self.ask("--timeout-ms", "20000", stdin="\n".join(lines) + "\n")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(out.splitlines(), [line.upper() for line in lines])

    def test_a_responder_tells_what_it_has_done(self):
        responder = self.start("respond", "--topic", "ask", "--exec", "cat", "--metrics-port", "0")
        figures = self.figures(responder)
        self.assertIn("answers what comes to ask from now on", responder.stderr.readline())
        self.assertEqual(self.ask("--timeout-ms", "20000", stdin="a\nbb\nccc\n")[0], 0)
        of = '{client_id="stoker-respond"}'
        told = lambda name: scrape(figures).family(name)[of]
        stoker.eventually("they are committed", lambda: told("kafka_consumer_consumer_coordinator_metrics_commit_total") >= 1)
        self.assertEqual(told("kafka_consumer_consumer_fetch_manager_metrics_records_consumed_total"), 3)
        self.assertEqual(told("kafka_consumer_consumer_fetch_manager_metrics_bytes_consumed_total"), 6)
        self.assertEqual(told("kafka_producer_producer_metrics_record_send_total"), 3)
        self.assertEqual(told("kafka_producer_producer_metrics_record_error_total"), 0)

    def test_responders_of_two_groups_both_answer(self):
        self.respond("--exec", "sed s/^/one:/", "--group", "one")
        self.respond("--exec", "sed s/^/two:/", "--group", "two")
        status, out, _ = self.ask("--replies", "2", "--timeout-ms", "20000", stdin="x")
        self.assertEqual(status, 0)
        self.assertEqual(sorted(out.splitlines()), ["one:x", "two:x"])

    def test_no_reply_in_time_is_told_and_is_status_1(self):
        status, out, err = self.ask("--timeout-ms", "300", stdin="x\n")
        self.assertEqual((status, out), (1, ""))
        self.assertIn("request 1 got 0 of 1 replies within 300 ms", err)

    def test_a_late_reply_is_told(self):
        self.respond("--exec", "read x; if [ $x = slow ]; then sleep 1; fi; echo $x")
        status, out, err = self.ask("--timeout-ms", "20000", stdin="warm\n")
        self.assertEqual((status, out), (0, "warm\n"))
        status, out, err = self.ask("--timeout-ms", "600", stdin="slow\nquick\n")
        self.assertEqual(status, 1)
        self.assertIn("request 1 got 0 of 1 replies", err)

    def test_a_command_that_fails_is_told_on_both_sides(self):
        responder = self.respond("--exec", "echo partial; exit 3")
        status, out, err = self.ask("--timeout-ms", "20000", stdin="x")
        self.assertEqual((status, out), (1, "partial\n"))
        self.assertIn("request 1 failed at the responder: the command ended with status 3", err)
        _, err = self.end(responder)
        self.assertIn("failed: the command ended with status 3", err)

    def test_a_message_without_a_reply_topic_is_passed_over(self):
        responder = self.respond("--exec", "cat")
        self.assertEqual(self.ask("--timeout-ms", "20000", stdin="x")[0], 0)
        stoker.run("kcat", "-P", "-b", self.broker.bootstrap, "-t", "ask", stdin="no question")
        self.assertEqual(self.ask("--timeout-ms", "20000", stdin="x")[0], 0)
        self.assertIn("says no reply topic", self.end(responder)[1])

    def test_a_responder_that_was_killed_answers_after_its_restart_what_came_meanwhile(self):
        words = ("--exec", "cat", "--group", "g")
        responder = self.respond(*words)
        self.assertEqual(self.ask("--timeout-ms", "20000", stdin="x")[0], 0)
        self.end(responder)
        process = program("request", "--topic", "ask", "--reply-topic", "answers", "--timeout-ms", "30000", *self.at)
        process.stdin.write("meanwhile\n")
        process.stdin.close()
        process.stdin = None
        stoker.eventually("the second request is there", lambda: end_offset(self.broker.bootstrap, "ask") == 2)
        self.respond(*words)
        self.assertEqual(process.communicate(timeout=40)[0], "meanwhile\n")


class Schedules(OnBroker):
    # A member that is killed is missed after a second.
    settings = OnBroker.settings + ["group.consumer.session.timeout.ms=1000", "group.consumer.min.session.timeout.ms=1000",
                                    "group.consumer.heartbeat.interval.ms=200",
                                    "group.consumer.min.heartbeat.interval.ms=200"]

    def schedule(self, *words):
        return self.run_to_end("schedule", *words)

    def sent(self, topic):
        """What has been committed by now; more may arrive meanwhile."""
        consumer = Consumer({"bootstrap.servers": self.broker.bootstrap, "group.id": "reader", "enable.partition.eof": True,
                             "isolation.level": "read_committed"})
        partition = TopicPartition(topic, 0, 0)
        end = consumer.get_watermark_offsets(partition, 20)[1]
        consumer.assign([partition])
        messages = []
        while end > 0:
            message = consumer.poll(20)
            self.assertIsNotNone(message)
            if message.error() or message.offset() >= end:
                break
            messages.append(message)
        consumer.close()
        return messages

    def scheduled(self, topic):
        """When the messages were meant to be sent."""
        return [int(dict(m.headers())["stoker_scheduled_ms"]) for m in self.sent(topic)]

    def test_a_period_is_kept_and_survives_a_restart_without_doubles(self):
        status, out, err = self.schedule("add", "--id", "tick", "--topic", "ticks", "--every", "200ms", "--message", "now")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^tick: ticks every 200ms, next at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n$")
        for wanted in (3, 6):
            runner = self.start("schedule", "run", "--metrics-port", "0")
            figures = self.figures(runner)
            stoker.eventually("some are sent", lambda: len(self.sent("ticks")) >= wanted)
            told = "kafka_producer_producer_metrics_record_send_total"
            stoker.eventually("they are counted", lambda: scrape(figures).family(told)['{client_id="stoker-schedule"}'] >= 3)
            self.end(runner)
        times = self.scheduled("ticks")
        self.assertEqual(len(times), len(set(times)))
        self.assertEqual(times, sorted(times))

    def test_missed_times_are_caught_up_as_the_policy_says(self):
        """The schedules are written as docs/formats/schedules.md has them, two seconds old."""
        policies = ("skip", "once", "all")
        self.assertEqual(self.schedule("list")[0], 0)  # makes the topic
        created = int(time.time() * 1000) - 2000
        for policy in policies:
            stoker.run(stoker.BIN / "kafka-topics", "--create", "--topic", policy, *self.at)
            schedule = {"topic": policy, "messages": ["x"], "every": "300ms", "catch_up": policy, "created_ms": created}
            stoker.run("kcat", "-P", "-b", self.broker.bootstrap, "-t", "stoker-schedules", "-K", "|",
                       stdin=f"schedule:{policy}|{json.dumps(schedule)}\n")
        began = time.time() * 1000
        runner = self.start("schedule", "run")
        stoker.eventually("all are on time", lambda: all(self.scheduled(policy)[-1:] > [began] for policy in policies))
        _, err = self.end(runner)
        skip, once, everything = (self.scheduled(policy) for policy in policies)
        # Of what was missed `once` sends the last, after which `skip` begins.
        self.assertEqual(everything[:6], [created + 300 * n for n in range(1, 7)])
        self.assertEqual(once[:2], [skip[0] - 300, skip[0]])
        self.assertGreater(skip[0], began)
        self.assertIn("times that passed while no runner worked are left out", err)
        self.assertNotIn("taken over", err)

    def test_of_two_runners_one_works(self):
        self.schedule("add", "--id", "tick", "--topic", "ticks", "--every", "100ms", "--message", "now")
        runners = [self.start("schedule", "run") for _ in range(2)]
        stoker.eventually("some are sent", lambda: len(self.sent("ticks")) >= 10)
        lines = [len(self.end(runner)[0].splitlines()) for runner in runners]
        self.assertEqual(len(self.sent("ticks")), sum(lines))
        times = self.scheduled("ticks")
        self.assertEqual(len(times), len(set(times)))

    def test_runners_that_are_killed_send_each_message_once(self):
        self.schedule("add", "--id", "tick", "--topic", "ticks", "--every", "10ms", "--message", "now", "--catch-up", "all")
        for wanted in range(30, 181, 30):
            runner = self.start("schedule", "run")
            stoker.eventually("some are sent", lambda: len(self.sent("ticks")) >= wanted)
            runner.kill()
            self.end(runner)
        times = self.scheduled("ticks")
        self.assertEqual(times, list(range(times[0], times[0] + 10 * len(times), 10)))

    def test_messages_of_a_file_are_sent_in_turn_and_logged(self):
        with tempfile.TemporaryDirectory() as folder:
            source, log = pathlib.Path(folder) / "messages.txt", pathlib.Path(folder) / "log"
            source.write_text("one\ntwo\n\nthree\n")
            self.schedule("add", "--id", "f", "--topic", "files", "--every", "50ms", "--from-file", str(source), "--key", "k")
            runner = self.start("schedule", "run", "--log-file", str(log))
            stoker.eventually("some are sent", lambda: len(self.sent("files")) >= 4)
            self.end(runner)
            self.assertEqual([(m.key(), m.value()) for m in self.sent("files")][:4],
                             [(b"k", b"one"), (b"k", b"two"), (b"k", b"three"), (b"k", b"one")])
            self.assertIn("files <- one (f)", log.read_text())

    def test_list_and_remove(self):
        self.schedule("add", "--id", "a", "--topic", "t", "--cron", "*/5 * * * *", "--tz", "Europe/Paris", "--message", "m")
        status, out, _ = self.schedule("list")
        self.assertRegex(out.splitlines()[1], r"^a +t +by '\*/5 \* \* \* \*' Europe/Paris +2\d{3}-.* 0 skip$")
        self.assertEqual(self.schedule("remove", "a")[:2], (0, "a: removed\n"))
        status, out, err = self.schedule("remove", "a")
        self.assertEqual(status, 1)
        self.assertIn("there is no schedule a", err)
        self.assertEqual(len(self.schedule("list")[1].splitlines()), 1)

    def test_wrong_usage_is_status_2_and_what_cannot_be_is_status_1(self):
        self.assertEqual(self.schedule("add", "--topic", "t", "--message", "m")[0], 2)
        self.assertEqual(self.schedule("add", "--topic", "t", "--every", "1s", "--at", "10:00", "--message", "m")[0], 2)
        status, _, err = self.schedule("add", "--topic", "t", "--every", "soon", "--message", "m")
        self.assertEqual(status, 1)
        self.assertIn("'soon' is no period", err)
        status, _, err = self.schedule("add", "--topic", "t", "--at", "2020-01-01T10:00", "--message", "m")
        self.assertEqual(status, 1)
        self.assertIn("is over", err)


if __name__ == "__main__":
    unittest.main()
