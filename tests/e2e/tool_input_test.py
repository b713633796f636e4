"""What the kafka-* tools do with input that is not fine: no broker, Ctrl-C, a reader that goes away, bytes that are no text,
lines that are very long."""
import os
import select
import signal
import subprocess
import time
import unittest

from apache_kafka import free_port
from stoker import BIN, Broker, eventually, run

LONG = 100_000_000


def start(*command, **options):
    return subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


def says(process, word, seconds):
    """Whether it says the word on standard error in time."""
    text, end = b"", time.monotonic() + seconds
    while word not in text:
        ready, _, _ = select.select([process.stderr], [], [], max(0, end - time.monotonic()))
        if not ready:
            return False
        text += os.read(process.stderr.fileno(), 65536)
    return True


class WithoutBroker(unittest.TestCase):
    def setUp(self):
        self.at = ["--bootstrap-server", f"127.0.0.1:{free_port()}"]

    def test_a_warning_comes_within_a_second_and_ctrl_c_ends_it_at_once(self):
        for tool, *words in (("kafka-topics", "--list"), ("kafka-console-consumer", "--topic", "t"),
                             ("kafka-consumer-groups", "--list"),
                             ("kafka-producer-perf-test", "--topic", "t", "--num-records", "1", "--record-size", "1",
                              "--throughput", "-1")):
            with self.subTest(tool=tool):
                process = start(BIN / tool, *self.at, *words)
                self.addCleanup(process.kill)
                self.assertTrue(says(process, b"WARN", 1))
                began = time.monotonic()
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=10)
                self.assertLess(time.monotonic() - began, 0.5)
                self.assertIn(process.returncode, (130, -signal.SIGINT))

    def test_the_time_out_is_upstreams(self):
        config = "default.api.timeout.ms=700\nrequest.timeout.ms=600\n"
        done = subprocess.run([BIN / "kafka-topics", "--list", *self.at, "--command-config", "/dev/stdin"], input=config,
                              capture_output=True, text=True, timeout=20)
        self.assertEqual(done.returncode, 1)
        self.assertIn("Timed out waiting for a node assignment. Call: listTopics", done.stdout + done.stderr)


class WithBroker(unittest.TestCase):
    def setUp(self):
        self.broker = Broker("message.max.bytes=120000000").__enter__()
        self.addCleanup(self.broker.__exit__)
        self.at = ["--bootstrap-server", self.broker.bootstrap]

    def produce(self, data, *words):
        return subprocess.run([BIN / "kafka-console-producer", *self.at, "--topic", "t", *words], input=data,
                              capture_output=True, timeout=120)

    def consume(self, count, *words):
        return subprocess.run([BIN / "kafka-console-consumer", *self.at, "--topic", "t", "--from-beginning",
                               "--max-messages", str(count), *words], capture_output=True, timeout=120)

    def test_a_reader_that_goes_away_is_no_error(self):
        self.assertEqual(self.produce(b"x" * 99 + b"\n" + b"line\n" * 200_000).returncode, 0)
        line = f"{BIN}/kafka-console-consumer {' '.join(self.at)} --topic t --from-beginning --timeout-ms 60000"
        done = subprocess.run(["bash", "-c", f"set -o pipefail; {line} | head -n 1"], capture_output=True, timeout=30)
        self.assertEqual(done.stdout, b"x" * 99 + b"\n")
        self.assertNotIn(b"roken pipe", done.stderr)
        self.assertNotIn(b"ERROR", done.stderr)

    def test_bytes_that_are_no_text_pass_unchanged(self):
        lines = [b"\x00", b"a\x00b", b"\xff\xfe\x80", bytes(range(32, 256)), "é€😀".encode(), b"\xc3"]
        self.assertEqual(self.produce(b"\n".join(lines) + b"\n").returncode, 0)
        self.assertEqual(self.consume(len(lines)).stdout, b"\n".join(lines) + b"\n")

    def test_a_line_that_is_too_long_is_refused_and_one_that_is_allowed_arrives(self):
        data = b"x" * LONG + b"\n"
        refused = self.produce(data)
        self.assertIn(b"RecordTooLargeException", refused.stderr)
        room = ("--command-property", f"max.request.size={LONG + 1000}", "--command-property", f"buffer.memory={2 * LONG}")
        done = self.produce(data, *room)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(self.consume(1).stdout), LONG + 1)

    def ended_by_ctrl_c(self, process):
        """Seconds that it took."""
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)
        return time.monotonic() - began

    def test_ctrl_c_ends_who_waits_for_records(self):
        run(BIN / "kafka-topics", *self.at, "--create", "--topic", "t")
        process = start(BIN / "kafka-console-consumer", *self.at, "--topic", "t", "--group", "g")
        eventually("it is a member", lambda: "Stable" in run(BIN / "kafka-consumer-groups", *self.at, "--list", "--state"))
        self.assertLess(self.ended_by_ctrl_c(process), 0.5)

    def test_ctrl_c_ends_who_waits_for_lines(self):
        process = start(BIN / "kafka-console-producer", *self.at, "--topic", "t", stdin=subprocess.PIPE)
        process.stdin.write(b"one\n")
        process.stdin.flush()
        eventually("it is sent", lambda: run("kcat", "-L", "-b", self.broker.bootstrap).count('topic "t"') == 1)
        self.assertLess(self.ended_by_ctrl_c(process), 0.5)


if __name__ == "__main__":
    unittest.main()
