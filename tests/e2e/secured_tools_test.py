"""Every kafka-* tool and Stoker's own programs against a broker with one listener of SASL_SSL: what they are given is a
properties file in Java's names, and nothing else."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from stoker import BIN, Broker, eventually, run

LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required "
DEADLINE = 60
# Upstream's options of these belong to their commands.
AFTER_THE_COMMAND = ["kafka-cluster"]


class SecuredBroker(Broker):
    def __init__(self, tls):
        super().__init__("sasl.enabled.mechanisms=PLAIN", "ssl.keystore.type=PEM",
                         f"ssl.keystore.location={tls / 'server.pem'}", "group.initial.rebalance.delay.ms=0",
                         f'listener.name.sasl_ssl.plain.sasl.jaas.config={LOGIN}user_alice="secret";')

    def spawn(self, port):
        command = [BIN / "stoker", "broker"]
        for override in (f"listeners=SASL_SSL://127.0.0.1:{port}", f"log.dirs={self.folder}", *self.overrides):
            command += ["--override", override]
        with open(self.log_path, "ab") as log:
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)

    def ready_address(self):
        return r"SASL_SSL://127\.0\.0\.1:(\d+)"


# The tool, its arguments, what it reads. They stand on each other: the topic of the first one is used by all.
STEPS = [
    ("kafka-topics", "--create --topic t --partitions 2", None),
    ("kafka-topics", "--describe --topic t", None),
    ("kafka-console-producer", "--topic t", "a\nb\n"),
    ("kafka-console-consumer", "--topic t --group g --from-beginning --max-messages 2", None),
    ("kafka-consumer-groups", "--describe --group g", None),
    ("kafka-groups", "--list", None),
    ("kafka-configs", "--describe --entity-type topics --entity-name t", None),
    ("kafka-get-offsets", "--topic t", None),
    ("kafka-delete-records", "--offset-json-file {offsets}", None),
    ("kafka-log-dirs", "--describe --topic-list t", None),
    ("kafka-broker-api-versions", "", None),
    ("kafka-cluster", "cluster-id", None),
    ("kafka-features", "describe", None),
    ("kafka-metadata-quorum", "describe --status", None),
    ("kafka-leader-election", "--election-type preferred --all-topic-partitions", None),
    ("kafka-reassign-partitions", "--list", None),
    ("kafka-transactions", "list", None),
    ("kafka-client-metrics", "--list", None),
    ("kafka-producer-perf-test", "--topic t --num-records 10 --record-size 10 --throughput -1", None),
    ("kafka-producer-perf-test",
     "--topic t --num-records 10 --record-size 10 --throughput -1 --transactional-id tx", None),
    ("kafka-consumer-perf-test", "--topic t --num-records 10", None),
    ("kafka-e2e-latency", "--topic t --num-records 2 --producer-acks all --record-size 10", None),
    ("kafka-verifiable-producer", "--topic t --max-messages 2", None),
    ("kafka-verifiable-consumer", "--topic t --group-id v --max-messages 2 --reset-policy earliest", None),
    ("kafka-streams-application-reset", "--application-id none --input-topics t", None),
]


class SecuredTools(unittest.TestCase):
    def ran(self, tool, arguments, stdin):
        words = arguments.split()
        command = [*words, *self.at] if tool in AFTER_THE_COMMAND else [*self.at, *words]
        done = subprocess.run([BIN / tool, *command], input=stdin or "", capture_output=True, text=True, timeout=DEADLINE,
                              env={"STOKER_STRICT_EXIT": "1"})
        return done.returncode, done.stdout + done.stderr

    def setUp(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="stoker-secured-"))
        self.addCleanup(shutil.rmtree, self.base, True)
        run(BIN / "stoker", "tls", "init", self.base / "tls")
        self.broker = SecuredBroker(self.base / "tls").__enter__()
        self.addCleanup(self.broker.__exit__)
        self.config = self.properties("secret")
        self.at = ["--bootstrap-server", self.broker.bootstrap, "--command-config", self.config]

    def properties(self, password):
        path = self.base / f"{password}.properties"
        path.write_text("security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nssl.truststore.type=PEM\n"
                        f"ssl.truststore.location={self.base}/tls/ca.pem\n"
                        f'sasl.jaas.config={LOGIN}username="alice" password="{password}";\n')
        return path

    def test_each_tool_does_its_work(self):
        offsets = self.base / "offsets.json"
        offsets.write_text(json.dumps({"version": 1, "partitions": [{"topic": "t", "partition": 0, "offset": 0}]}))
        for tool, arguments, stdin in STEPS:
            with self.subTest(tool=tool, arguments=arguments):
                status, said = self.ran(tool, arguments.format(offsets=offsets), stdin)
                self.assertEqual(status, 0, said)

    def test_a_wrong_password_is_said_by_each_tool(self):
        self.at[-1] = self.properties("guess")
        for tool, arguments, stdin in STEPS[:8]:
            with self.subTest(tool=tool):
                status, said = self.ran(tool, arguments, stdin)
                self.assertEqual(status, 1, said)
                self.assertIn("Authentication failed", said)

    def test_requests_replies_and_schedules(self):
        responder = subprocess.Popen([BIN / "stoker", "respond", "--topic", "ask", "--exec", "tr a-z A-Z", *self.at],
                                     stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, responder)
        self.assertIn("answers what comes to ask", responder.stderr.readline())
        reply = run(BIN / "stoker", "request", "--topic", "ask", "--reply-topic", "answers", *self.at, stdin="hello\n")
        self.assertEqual(reply, "HELLO\n")
        run(BIN / "stoker", "schedule", "add", "--topic", "ticks", "--every", "50ms", "--message", "now", *self.at)
        runner = subprocess.Popen([BIN / "stoker", "schedule", "run", *self.at], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end, runner)
        eventually("a message is sent", lambda: "ticks <- now" in runner.stdout.readline())

    @staticmethod
    def end(process):
        process.terminate()
        process.wait(20)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()


if __name__ == "__main__":
    unittest.main()
